using System.Collections.Generic;
using EdgeMesh.Addresses;

namespace EdgeMesh.Libp2p.Identify;

/// <summary>Which addresses we tell a peer that we listen at: those that it could dial.</summary>
internal static class ToldAddresses
{
    /// <summary>Puts the address that the peer reaches us at in the place of one that says "all interfaces".</summary>
    /// <param name="listen">Where we listen.</param>
    /// <param name="local">Our end of the connection to the peer; null: unknown, so such addresses are left out.
    /// </param>
    public static IReadOnlyList<Multiaddr> For(IReadOnlyList<Multiaddr> listen, Multiaddr? local)
    {
        var told = new List<Multiaddr>(listen.Count);
        foreach (Multiaddr address in listen)
        {
            if (Specify(address, local) is Multiaddr specific && !told.Contains(specific))
            {
                told.Add(specific);
            }
        }

        return told;
    }

    private static Multiaddr? Specify(Multiaddr address, Multiaddr? local)
    {
        MultiaddrComponent host = address.Components[0];
        bool isAnyOfIp4 = host is { Protocol.Name: "ip4", Value: "0.0.0.0" };
        bool isAnyOfIp6 = host is { Protocol.Name: "ip6", Value: "::" };
        if (!isAnyOfIp4 && !isAnyOfIp6)
        {
            return address;
        }

        // A socket at "::" takes IPv4 too. An address that needs a zone means nothing on another node.
        MultiaddrComponent? ours = local?.Components[0];
        bool isFit = ours?.Protocol.Name == "ip4" || (isAnyOfIp6 && ours?.Protocol.Name == "ip6");
        return isFit
            ? Multiaddr.Parse($"/{ours!.Value.Protocol.Name}/{ours.Value.Value}{RestOf(address, host)}")
            : null;
    }

    private static string RestOf(Multiaddr address, MultiaddrComponent host) =>
        address.ToString()[$"/{host.Protocol.Name}/{host.Value}".Length..];
}

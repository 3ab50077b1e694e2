using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using EdgeMesh.Addresses;
using EdgeMesh.ControlChannel;

namespace EdgeMesh.ControlPlane.DesiredState;

/// <summary>
/// Which multiaddrs may be a node's underlay address: a TCP endpoint that another machine can dial, at its end
/// <c>/p2p/PEER</c> or nothing.
/// </summary>
internal static class UnderlayAddress
{
    private const string Example = "write it as in /ip4/192.0.2.1/tcp/20006";
    private const int DnsLabelCharsMax = 63; // RFC 1035 §2.3.4
    private const byte Ipv4MulticastFirst = 224; // RFC 5771; reserved ones follow

    /// <summary>Reads one.</summary>
    /// <param name="text">The address as somebody wrote it.</param>
    /// <param name="address">The address.</param>
    /// <param name="problem">What is wrong with it.</param>
    /// <param name="remedy">What to do about that.</param>
    /// <returns>False if no node can be dialed there.</returns>
    internal static bool TryParse(
        string text,
        [NotNullWhen(true)] out Multiaddr? address,
        [NotNullWhen(false)] out string? problem,
        out string remedy)
    {
        address = null;
        remedy = Example;
        if (text.Length > ControlLimits.AddressBytesMax || !text.StartsWith('/'))
        {
            problem = "this is no multiaddr";
            return false;
        }

        if (!Multiaddr.TryParse(text, out Multiaddr? parsed, out problem))
        {
            return false;
        }

        problem = parsed.TryGetTcp(out TcpTarget? target)
            ? FindProblem(target, ref remedy)
            : "this is no address of a TCP endpoint";
        address = problem is null ? parsed : null;
        return address is not null;
    }

    private static string? FindProblem(TcpTarget target, ref string remedy)
    {
        if (target.Port == 0)
        {
            remedy = "write a number from 1 to 65535";
            return "'0' is no TCP port";
        }

        if (target.Address is null)
        {
            return IsDnsName(target.Host) ? null : $"'{target.Host}' is no DNS name";
        }

        if (target.Address.IsIPv4MappedToIPv6)
        {
            remedy = $"write /ip4/{target.Address.MapToIPv4()}";
            return $"'{target.Host}' is an IPv4 address in IPv6's clothes";
        }

        remedy = "write the address other nodes dial";
        if (target.Zone is not null)
        {
            return $"'{target.Zone}' is the name of a link on one node only";
        }

        return IsNobody(target.Address) ? $"nobody can be reached at {target.Host}" : null;
    }

    private static bool IsNobody(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork
        ? address.Equals(IPAddress.Any) || address.GetAddressBytes()[0] >= Ipv4MulticastFirst
        : address.Equals(IPAddress.IPv6Any) || address.IsIPv6Multicast;

    private static bool IsDnsName(string host)
    {
        foreach (string label in host.Split('.'))
        {
            if (label.Length is 0 or > DnsLabelCharsMax || label.StartsWith('-') || label.EndsWith('-'))
            {
                return false;
            }

            foreach (char c in label)
            {
                if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_'))
                {
                    return false;
                }
            }
        }

        return true;
    }
}

using System;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using EdgeMesh.Addresses;

namespace EdgeMesh.ControlPlane.DesiredState;

/// <summary>Makes a multiaddr of what people write where others shall dial a node.</summary>
/// <remarks>
/// <code>
///   1.1.1.1  fd00::1  relay.example.com           the node's listening port
///   1.1.1.1:443  [fd00::1]:443  relay.example.com:443
///   /dns4/relay.example.com/tcp/443               as it is
/// </code>
/// </remarks>
internal static class AdvertisedAddress
{
    /// <summary>Reads one.</summary>
    /// <param name="text">The text.</param>
    /// <param name="portDefault">Port if none is written.</param>
    /// <param name="multiaddr">The multiaddr.</param>
    /// <param name="error">What is wrong and what to do.</param>
    /// <returns>False if nobody could dial that.</returns>
    internal static bool TryParse(
        string text, int portDefault, [NotNullWhen(true)] out string? multiaddr, [NotNullWhen(false)] out string? error)
    {
        multiaddr = null;
        string candidate = text.StartsWith('/') ? text : ToMultiaddr(text, portDefault);
        if (!UnderlayAddress.TryParse(candidate, out Multiaddr? parsed, out string? problem, out _))
        {
            error = $"'{ControlChannel.MeshDocuments.Printable(text)}' can't be dialed, as {problem}: "
                + "write an address, a name, either with :PORT, or a multiaddr, as in 192.0.2.1, relay.example.com:443 "
                + "or /ip4/192.0.2.1/tcp/20006";
            return false;
        }

        multiaddr = parsed.ToString();
        error = null;
        return true;
    }

    private static string ToMultiaddr(string text, int portDefault)
    {
        (string host, string port) = Split(text, portDefault.ToString(CultureInfo.InvariantCulture));
        if (!IPAddress.TryParse(host, out IPAddress? address)
            || (address.AddressFamily == AddressFamily.InterNetwork && address.ToString() != host))
        {
            return $"/dns/{host}/tcp/{port}";
        }

        string family = address.AddressFamily == AddressFamily.InterNetworkV6 ? "ip6" : "ip4";
        return $"/{family}/{host}/tcp/{port}";
    }

    private static (string Host, string Port) Split(string text, string portDefault)
    {
        if (text.StartsWith('['))
        {
            int end = text.IndexOf(']', StringComparison.Ordinal);
            string rest = end < 0 ? "" : text[(end + 1)..];
            return end < 0 || (rest.Length > 0 && rest[0] != ':')
                ? (text, portDefault)
                : (text[1..end], rest.Length == 0 ? portDefault : rest[1..]);
        }

        int colon = text.IndexOf(':', StringComparison.Ordinal);
        bool isIpv6 = colon >= 0 && text.IndexOf(':', colon + 1) >= 0;
        return colon < 0 || isIpv6 ? (text, portDefault) : (text[..colon], text[(colon + 1)..]);
    }
}

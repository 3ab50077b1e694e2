using System;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using EdgeMesh.ControlChannel;

namespace EdgeMesh.ControlPlane.Sources;

/// <summary>
/// Checks an underlay multiaddr: <c>/ip4|ip6|dns|dns4|dns6/HOST/tcp/PORT</c>, at its end <c>/p2p/PEER</c> or nothing.
/// </summary>
internal static class MultiaddrText
{
    private const string Example = "write it as in /ip4/192.0.2.1/tcp/20006";
    private const int DnsNameCharsMax = 253;

    internal static bool TryParse(
        string text, [NotNullWhen(true)] out UnderlayAddress? address, [NotNullWhen(false)] out string? error)
    {
        address = null;
        error = null;
        if (text.Length > ControlLimits.AddressBytesMax || !text.StartsWith('/'))
        {
            error = $"this is no multiaddr: {Example}";
            return false;
        }

        string[] parts = text.Split('/');
        if (parts.Length is not (5 or 7) || parts[3] != "tcp")
        {
            error = $"this is no address of a TCP endpoint: {Example}";
            return false;
        }

        if (!TryReadHost(parts[1], parts[2], out IPAddress? ip, out error))
        {
            return false;
        }

        if (!ushort.TryParse(parts[4], NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) || port == 0)
        {
            error = $"'{parts[4]}' is no TCP port: write a number from 1 to 65535";
            return false;
        }

        byte[]? peer = null;
        if (parts.Length == 7)
        {
            if (parts[5] != "p2p")
            {
                error = $"'/{parts[5]}' can't follow /tcp here: {Example}";
                return false;
            }

            if (!PeerIdText.TryDecode(parts[6], out peer, out error))
            {
                return false;
            }
        }

        address = new UnderlayAddress(text, ip, peer);
        return true;
    }

    private static bool TryReadHost(
        string protocol, string host, out IPAddress? ip, [NotNullWhen(false)] out string? error)
    {
        ip = null;
        error = null;
        if (protocol is "dns" or "dns4" or "dns6")
        {
            error = IsDnsName(host) ? null : $"'{host}' is no DNS name: {Example}";
            return error is null;
        }

        AddressFamily? family = protocol switch
        {
            "ip4" => AddressFamily.InterNetwork,
            "ip6" => AddressFamily.InterNetworkV6,
            _ => null,
        };
        if (family is null)
        {
            error = $"'/{protocol}' is no address of the underlay: use /ip4, /ip6, /dns, /dns4 or /dns6";
            return false;
        }

        if (host.Contains('%', StringComparison.Ordinal)
            || host.Contains('[', StringComparison.Ordinal)
            || !IPAddress.TryParse(host, out ip)
            || ip.AddressFamily != family
            || (family == AddressFamily.InterNetwork && ip.ToString() != host))
        {
            error = $"'{host}' is no {(protocol == "ip4" ? "IPv4" : "IPv6")} address: {Example}";
            return false;
        }

        if (ip.IsIPv4MappedToIPv6)
        {
            error = $"'{host}' is an IPv4 address in IPv6's clothes: write /ip4/{ip.MapToIPv4()}";
            return false;
        }

        if (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any) || ip.IsIPv6Multicast || IsIpv4Multicast(ip))
        {
            error = $"nobody can be reached at {host}: write the address other nodes dial";
            return false;
        }

        return true;
    }

    private static bool IsIpv4Multicast(IPAddress ip) =>
        ip.AddressFamily == AddressFamily.InterNetwork && ip.GetAddressBytes()[0] >= 224;

    private static bool IsDnsName(string host)
    {
        if (host.Length is 0 or > DnsNameCharsMax)
        {
            return false;
        }

        foreach (string label in host.Split('.'))
        {
            if (label.Length is 0 or > 63 || label.StartsWith('-') || label.EndsWith('-'))
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

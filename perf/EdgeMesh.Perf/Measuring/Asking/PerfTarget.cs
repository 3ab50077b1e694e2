using System;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Net.Sockets;

namespace EdgeMesh.Perf.Measuring.Asking;

/// <summary>A server: its name as it was written, and its address.</summary>
internal sealed record PerfTarget(string Name, IPEndPoint EndPoint)
{
    /// <summary>Reads <c>HOST</c>, <c>HOST:PORT</c>, <c>ADDRESS</c> or <c>[ADDRESS]:PORT</c>, and asks for the name's
    /// address.</summary>
    /// <exception cref="PerfException">It is none, or has no address.</exception>
    public static PerfTarget Resolve(string text)
    {
        (string host, int port) = Split(text);
        if (!IPAddress.TryParse(host, out IPAddress? address))
        {
            try
            {
                address = Dns.GetHostAddresses(host).FirstOrDefault();
            }
            catch (Exception e) when (e is SocketException or ArgumentException)
            {
                throw new PerfException($"--to {text}: {host} has no address ({e.Message}); write an IP address", e);
            }
        }

        return new PerfTarget(
            text,
            new IPEndPoint(
                address ?? throw new PerfException($"--to {text}: {host} has no address; write an IP address"), port));
    }

    /// <summary>Host and port of a text; the port is the default if there is none.</summary>
    internal static (string Host, int Port) Split(string text)
    {
        // IPAddress takes "[address]:port" too, and forgets the port.
        bool hasPort = text.Contains("]:", StringComparison.Ordinal);
        if (!hasPort && IPAddress.TryParse(text, out _))
        {
            return (text.Trim('[', ']'), MeasuringLimits.PortDefault);
        }

        int colon = text.LastIndexOf(':');
        if (colon < 0)
        {
            return text.Length == 0 ? throw Wrong(text) : (text, MeasuringLimits.PortDefault);
        }

        string host = text[..colon].Trim('[', ']');
        return int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            && port is > 0 and <= ushort.MaxValue && host.Length > 0
            ? (host, port)
            : throw Wrong(text);
    }

    private static PerfException Wrong(string text) =>
        new($"--to {text}: write ADDRESS, ADDRESS:PORT or [IPV6]:PORT of an edgemesh-perf server");
}

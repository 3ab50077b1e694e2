using System;
using System.Globalization;
using System.IO;
using EdgeMesh.Lab.Networks;

namespace EdgeMesh.Lab.Traffic;

/// <summary>The kernel's count of UDP datagrams that reached a namespace's sockets (<c>/proc/net/snmp</c>).</summary>
/// <param name="Received">Read by their socket.</param>
/// <param name="Refused">Arrived, but the socket's buffer was full or the checksum wrong.</param>
public readonly record struct UdpCounters(long Received, long Refused)
{
    /// <summary>All that arrived.</summary>
    public long Arrived => Received + Refused;

    /// <summary>The counters now.</summary>
    public static UdpCounters Of(LabNamespace space)
    {
        // Two lines "Udp:": names, then values.
        string[]? names = null;
        foreach (string line in space.ReadFile("/proc/net/snmp").Split('\n'))
        {
            if (!line.StartsWith("Udp:", StringComparison.Ordinal))
            {
                continue;
            }

            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (names is null)
            {
                names = fields;
                continue;
            }

            long Value(string name) => long.Parse(fields[Array.IndexOf(names, name)], CultureInfo.InvariantCulture);
            return new UdpCounters(Value("InDatagrams"), Value("InErrors"));
        }

        throw new InvalidDataException("/proc/net/snmp without UDP counters");
    }
}

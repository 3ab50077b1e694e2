using System;
using System.Globalization;
using System.IO;

namespace EdgeMesh.Traffic;

/// <summary>The kernel's count of UDP datagrams that reached a network namespace's sockets.</summary>
/// <param name="Received">Read by their socket.</param>
/// <param name="Refused">Arrived, but the socket's buffer was full or the checksum wrong.</param>
public readonly record struct UdpCounters(long Received, long Refused)
{
    /// <summary>All that arrived.</summary>
    public long Arrived => Received + Refused;

    /// <summary>Reads the text of <c>/proc/net/snmp</c>: two lines "Udp:", names, then values.</summary>
    /// <exception cref="InvalidDataException">The text has no UDP counters.</exception>
    public static UdpCounters Version4(string snmp)
    {
        string[]? names = null;
        foreach (string line in snmp.Split('\n'))
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

            return new UdpCounters(
                Number(fields[Array.IndexOf(names, "InDatagrams")]), Number(fields[Array.IndexOf(names, "InErrors")]));
        }

        throw new InvalidDataException("/proc/net/snmp has no UDP counters");
    }

    /// <summary>Reads the text of <c>/proc/net/snmp6</c>: a name and a value per line.</summary>
    public static UdpCounters Version6(string snmp6)
    {
        long received = 0;
        long refused = 0;
        foreach (string line in snmp6.Split('\n'))
        {
            string[] fields = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (fields is ["Udp6InDatagrams", _])
            {
                received = Number(fields[1]);
            }
            else if (fields is ["Udp6InErrors", _])
            {
                refused = Number(fields[1]);
            }
        }

        return new UdpCounters(received, refused);
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}

using System;
using System.Globalization;
using System.IO;
using System.Net.Sockets;

namespace EdgeMesh.Perf.Measuring.Flows;

/// <summary>
/// Datagrams that reached the sockets of this network namespace, by the kernel's count: those read, and those that
/// found
/// a full buffer. Nobody reads them here.
/// </summary>
internal sealed class KernelArrivals
{
    private readonly bool _isVersion6;
    private readonly int _datagramBytes;
    private long _last;

    /// <summary>Begins to count.</summary>
    public KernelArrivals(AddressFamily family, int datagramBytes)
    {
        _isVersion6 = family == AddressFamily.InterNetworkV6;
        _datagramBytes = datagramBytes;
        _last = Read();
    }

    /// <summary>What has arrived since.</summary>
    public FlowCounters Counters { get; } = new();

    /// <summary>Looks.</summary>
    public void Refresh()
    {
        long now = Read();
        Counters.Add(now - _last, (now - _last) * _datagramBytes);
        _last = now;
    }

    /// <summary>The sum of both families' counters; a dual-mode socket counts by the packet's.</summary>
    private long Read() =>
        Version4(File.ReadAllText("/proc/self/net/snmp"))
        + (_isVersion6 && File.Exists("/proc/self/net/snmp6") ? Version6(File.ReadAllText("/proc/self/net/snmp6")) : 0);

    /// <summary>InDatagrams + InErrors of <c>/proc/net/snmp</c>: two lines "Udp:", names, then values.</summary>
    internal static long Version4(string snmp)
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

            return Number(fields[Array.IndexOf(names, "InDatagrams")])
                + Number(fields[Array.IndexOf(names, "InErrors")]);
        }

        throw new PerfException("/proc/net/snmp has no UDP counters; let the program count (--count program)");
    }

    /// <summary>Udp6InDatagrams + Udp6InErrors of <c>/proc/net/snmp6</c>: a name and a value per line.</summary>
    internal static long Version6(string snmp6)
    {
        long sum = 0;
        foreach (string line in snmp6.Split('\n'))
        {
            string[] fields = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length == 2 && fields[0] is "Udp6InDatagrams" or "Udp6InErrors")
            {
                sum += Number(fields[1]);
            }
        }

        return sum;
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}

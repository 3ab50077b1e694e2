using System.IO;
using System.Net.Sockets;
using EdgeMesh.Traffic;

namespace EdgeMesh.Perf.Measuring.Flows;

/// <summary>
/// Datagrams that reached the sockets of this network namespace, by the kernel's count: those read, and those that
/// found a full buffer. No program reads them here.
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

    // The sum of both families' counters; a dual-mode socket counts by the packet's.
    private long Read()
    {
        try
        {
            long count = UdpCounters.Version4(File.ReadAllText("/proc/self/net/snmp")).Arrived;
            return _isVersion6 && File.Exists("/proc/self/net/snmp6")
                ? count + UdpCounters.Version6(File.ReadAllText("/proc/self/net/snmp6")).Arrived
                : count;
        }
        catch (InvalidDataException e)
        {
            throw new PerfException($"{e.Message}; let the program count (--count program)", e);
        }
    }
}

using System;
using System.Net.Sockets;

namespace EdgeMesh.Traffic;

/// <summary>What arrives of each burst of a <see cref="BurstSender"/> on the same machine. For one thread.</summary>
/// <param name="bursts">How many bursts there are.</param>
/// <param name="datagramsPerBurst">Datagrams of each.</param>
public sealed class BurstArrivals(int bursts, int datagramsPerBurst)
{
    private readonly int[] _counts = new int[bursts];
    private readonly long[] _firstNanos = new long[bursts];
    private readonly long[] _lastNanos = new long[bursts];

    /// <summary>Datagrams that arrived of a burst.</summary>
    public int CountOf(int burst) => _counts[burst];

    /// <summary>Datagrams of a burst that did not arrive.</summary>
    public int MissingOf(int burst) => datagramsPerBurst - _counts[burst];

    /// <summary>From the burst's beginning to its first arrival, nanoseconds; 0 if nothing arrived.</summary>
    public long FirstNanosOf(int burst) => _firstNanos[burst];

    /// <summary>From the burst's beginning to its last arrival, nanoseconds; 0 if nothing arrived.</summary>
    public long LastNanosOf(int burst) => _lastNanos[burst];

    /// <summary>Reads until told to end and nothing comes any more.</summary>
    public void ReceiveAll(Socket socket, StopFlag stop) => UdpFlow.ReceiveAll(socket, Add, stop);

    /// <summary>Counts a datagram.</summary>
    public void Add(UdpDatagram datagram, long nowNanos)
    {
        long burst = datagram.Sequence / datagramsPerBurst;
        if (datagram.Sequence < 0 || burst >= _counts.Length)
        {
            return; // of no burst
        }

        long delay = Math.Max(1, nowNanos - datagram.SentNanos);
        if (_counts[burst]++ == 0)
        {
            _firstNanos[burst] = delay;
        }

        _lastNanos[burst] = delay;
    }
}

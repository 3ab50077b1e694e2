using System;
using System.Net.Sockets;

namespace EdgeMesh.Traffic;

/// <summary>Counts the datagrams of one paced stream, each once, and finds the longest pause. For one thread.</summary>
public sealed class SequenceWatch
{
    private ulong[] _seen = new ulong[1024];
    private long _lastNanos;
    private long _longestGapNanos;

    /// <summary>Datagrams that arrived; one that came twice counts once.</summary>
    public long Arrived { get; private set; }

    /// <summary>Datagrams that came again.</summary>
    public long Repeated { get; private set; }

    /// <summary>Reads until told to end and nothing comes any more.</summary>
    public void ReceiveAll(Socket socket, StopFlag stop) =>
        UdpFlow.ReceiveAll(socket, (datagram, nowNanos) => Add(datagram.Sequence, nowNanos), stop);

    /// <summary>
    /// Longest time without an arrival, nanoseconds: between two of them, or from the last one to the end. Where
    /// nothing arrived, all the time.
    /// </summary>
    /// <param name="beganNanos">When the sending began.</param>
    /// <param name="endedNanos">When it ended.</param>
    public long LongestGapNanos(long beganNanos, long endedNanos) =>
        Math.Max(_longestGapNanos, endedNanos - (Arrived > 0 ? _lastNanos : beganNanos));

    /// <summary>Counts a datagram.</summary>
    public void Add(long sequence, long nowNanos)
    {
        if (sequence is < 0 or > int.MaxValue)
        {
            return; // not of this stream
        }

        int word = (int)(sequence >> 6);
        if (word >= _seen.Length)
        {
            Array.Resize(ref _seen, Math.Max(word + 1, _seen.Length * 2));
        }

        ulong bit = 1UL << (int)(sequence & 63);
        if ((_seen[word] & bit) != 0)
        {
            Repeated++;
            return;
        }

        _seen[word] |= bit;
        Arrived++;
        if (_lastNanos != 0)
        {
            _longestGapNanos = Math.Max(_longestGapNanos, nowNanos - _lastNanos);
        }

        _lastNanos = nowNanos;
    }
}

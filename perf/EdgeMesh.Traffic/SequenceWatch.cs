using System;
using System.Net.Sockets;

namespace EdgeMesh.Traffic;

/// <summary>Counts the datagrams of one paced stream, each once, and finds the longest pause. For one thread.</summary>
public sealed class SequenceWatch
{
    private ulong[] _seen = new ulong[1024];
    private long _lastNanos;

    /// <summary>Datagrams that arrived; one that came twice counts once.</summary>
    public long Arrived { get; private set; }

    /// <summary>Datagrams that came again.</summary>
    public long Repeated { get; private set; }

    /// <summary>Longest time between two arrivals, nanoseconds.</summary>
    public long LongestGapNanos { get; private set; }

    /// <summary>Reads until told to end and nothing comes any more.</summary>
    public void ReceiveAll(Socket socket, StopFlag stop)
    {
        socket.ReceiveTimeout = StopFlag.LookMillis;
        byte[] buffer = new byte[ushort.MaxValue];
        while (true)
        {
            int count = socket.Receive(buffer, SocketFlags.None, out SocketError error);
            if (error != SocketError.Success)
            {
                if (stop.IsSet)
                {
                    return;
                }
            }
            else if (UdpDatagram.TryParse(buffer.AsSpan(0, count), out UdpDatagram datagram))
            {
                Add(datagram.Sequence, MonotonicTime.Now);
            }
        }
    }

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
            LongestGapNanos = Math.Max(LongestGapNanos, nowNanos - _lastNanos);
        }

        _lastNanos = nowNanos;
    }
}

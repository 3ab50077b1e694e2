using System;
using System.Collections.Generic;

namespace EdgeMesh.Libp2p.Yamux;

/// <summary>The frames without payload that wait to leave: bounded, whatever the peer does.</summary>
/// <remarks>Streams hold their own pending frame, merged into one; pongs and refusals have fixed rings.</remarks>
internal sealed class YamuxControlQueue
{
    private readonly Queue<uint> _pongs = new();
    private readonly Queue<uint> _refusals = new();
    private YamuxStream? _head;
    private YamuxStream? _tail;
    private uint? _ping;
    private YamuxGoAwayCode? _goAway;
    private bool _isOver; // the last word was said

    /// <summary>Whether <see cref="Poll"/> has something to write.</summary>
    public bool IsEmpty => _isOver
        || (_head is null && _pongs.Count == 0 && _refusals.Count == 0 && _ping is null && _goAway is null);

    /// <summary>Whether the ping has not left yet.</summary>
    public bool IsPingWaiting => _ping is not null;

    /// <summary>Streams that wait, among them such as are closed already.</summary>
    public int StreamCount { get; private set; }

    public void AddPing(uint value) => _ping = value;

    /// <summary>Says that we go away: with a normal code after all the rest, else at once and as the last word.
    /// </summary>
    public void AddGoAway(YamuxGoAwayCode code) => _goAway = code;

    /// <summary>Answers a ping, unless too many answers wait already.</summary>
    public bool TryAddPong(uint value) => TryAdd(_pongs, value, YamuxLimits.PendingPongsMax);

    /// <summary>Resets a stream that never was, unless too many such wait already.</summary>
    public bool TryAddRefusal(uint streamId) => TryAdd(_refusals, streamId, YamuxLimits.PendingRefusalsMax);

    /// <summary>Adds flags and credit to the stream's next frame.</summary>
    public void Add(YamuxStream stream, YamuxFlags flags, long credit)
    {
        stream.PendingFlags |= flags;
        stream.PendingCredit += credit;
        if (stream.IsQueued)
        {
            return;
        }

        stream.IsQueued = true;
        StreamCount++;
        if (_tail is null)
        {
            _head = stream;
        }
        else
        {
            _tail.NextQueued = stream;
        }

        _tail = stream;
    }

    /// <summary>Writes as many frames as fit.</summary>
    /// <returns>Bytes written, a multiple of the header's size.</returns>
    public int Poll(Span<byte> buffer)
    {
        int length = 0;
        while (!IsEmpty && buffer.Length - length >= YamuxHeader.SizeBytes)
        {
            if (TryTakeNext(out YamuxHeader header))
            {
                header.Write(buffer[length..]);
                length += YamuxHeader.SizeBytes;
            }
        }

        return length;
    }

    private static bool TryAdd(Queue<uint> queue, uint value, int countMax)
    {
        if (queue.Count >= countMax)
        {
            return false;
        }

        queue.Enqueue(value);
        return true;
    }

    // False if the first stream of the queue had nothing to say any more: its flags left with a data frame.
    private bool TryTakeNext(out YamuxHeader header)
    {
        if (_goAway is YamuxGoAwayCode code and not YamuxGoAwayCode.Normal)
        {
            _isOver = true;
            header = new YamuxHeader(YamuxFrameType.GoAway, YamuxFlags.None, 0, (uint)code);
        }
        else if (_pongs.TryDequeue(out uint value))
        {
            header = new YamuxHeader(YamuxFrameType.Ping, YamuxFlags.Ack, 0, value);
        }
        else if (_ping is uint ping)
        {
            _ping = null;
            header = new YamuxHeader(YamuxFrameType.Ping, YamuxFlags.Syn, 0, ping);
        }
        else if (_head is not null)
        {
            return TryTakeStream(RemoveHead(), out header);
        }
        else if (_refusals.TryDequeue(out uint streamId))
        {
            header = new YamuxHeader(YamuxFrameType.WindowUpdate, YamuxFlags.Rst, streamId, 0);
        }
        else
        {
            header = new YamuxHeader(YamuxFrameType.GoAway, YamuxFlags.None, 0, (uint)_goAway.GetValueOrDefault());
            _goAway = null;
        }

        return true;
    }

    private static bool TryTakeStream(YamuxStream stream, out YamuxHeader header)
    {
        header = new YamuxHeader(
            YamuxFrameType.WindowUpdate, stream.PendingFlags, stream.Id, (uint)stream.PendingCredit);
        stream.PendingFlags = YamuxFlags.None;
        stream.PendingCredit = 0;
        return header.Flags != YamuxFlags.None || header.Length != 0;
    }

    private YamuxStream RemoveHead()
    {
        YamuxStream stream = _head!;
        _head = stream.NextQueued;
        if (_head is null)
        {
            _tail = null;
        }

        StreamCount--;
        stream.NextQueued = null;
        stream.IsQueued = false;
        return stream;
    }
}

using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;

namespace EdgeMesh.Libp2p.Yamux;

/// <summary>The open streams of a session: their numbers, their limits, their ends.</summary>
internal sealed class YamuxStreamTable(bool isClient, YamuxSessionOptions options, YamuxControlQueue control)
{
    private readonly Dictionary<uint, YamuxStream> _streams = [];
    private readonly OpenedStreamIds _opened = new();
    private readonly YamuxWindowGrowth _growth = new(options.WindowGrowthBytesMax);
    private uint _nextId = isClient ? 1u : 2u;
    private int _outboundCount;
    private int _unacknowledgedCount;

    /// <summary>All of them, of both sides.</summary>
    public IReadOnlyCollection<YamuxStream> All => _streams.Values;

    /// <summary>Those that the peer opened.</summary>
    public int InboundCount { get; private set; }

    /// <summary>Whether the limits let us open one.</summary>
    public bool HasRoom =>
        _unacknowledgedCount < YamuxLimits.UnacknowledgedStreamsMax && _outboundCount < options.OutboundStreamsMax;

    /// <summary>Whether all numbers are used up.</summary>
    public bool IsExhausted => _nextId > uint.MaxValue - 2;

    /// <summary>Whether the limits let the peer open one.</summary>
    public bool HasInboundRoom => InboundCount < options.InboundStreamsMax;

    public bool TryGet(uint id, [NotNullWhen(true)] out YamuxStream? stream) => _streams.TryGetValue(id, out stream);

    /// <summary>A new stream of ours.</summary>
    public YamuxStream Open()
    {
        var stream = new YamuxStream(_nextId, isInbound: false) { IsUnacknowledged = true };
        _nextId += 2;
        _outboundCount++;
        _unacknowledgedCount++;
        _streams.Add(stream.Id, stream);
        return stream;
    }

    /// <summary>Notes that the peer uses a number for a new stream.</summary>
    public YamuxViolation Note(uint id)
    {
        if ((id % 2 == 1) == isClient)
        {
            return YamuxViolation.WrongParity;
        }

        return _opened.TryAdd(id) ? YamuxViolation.None : YamuxViolation.StreamIdReused;
    }

    /// <summary>A new stream of the peer.</summary>
    public YamuxStream AddInbound(uint id)
    {
        var stream = new YamuxStream(id, isInbound: true);
        InboundCount++;
        _streams.Add(stream.Id, stream);
        return stream;
    }

    /// <summary>The peer answered our SYN.</summary>
    public void Acknowledge(YamuxStream stream)
    {
        stream.IsUnacknowledged = false;
        _unacknowledgedCount--;
    }

    /// <summary>Gives the peer credit.</summary>
    public void Grant(YamuxStream stream, long credit)
    {
        if (credit > 0)
        {
            stream.ReceiveCredit += credit;
            control.Add(stream, YamuxFlags.None, credit);
        }
    }

    /// <summary>Tops the peer's credit up, and grows the window if it was used up fast.</summary>
    public void TopUp(YamuxStream stream, long deficit, long now, long roundTripNanoseconds)
    {
        deficit += _growth.Grow(stream, now, roundTripNanoseconds);
        stream.WindowUpdatedAt = now;
        Grant(stream, deficit);
    }

    /// <summary>Ends a stream at once, both ways.</summary>
    public void Reset(YamuxStream stream)
    {
        if (stream.IsClosed)
        {
            return;
        }

        // The peer never heard of a stream whose SYN is still here.
        bool isUnknownToPeer = (stream.PendingFlags & YamuxFlags.Syn) != YamuxFlags.None;
        Close(stream);
        stream.PendingCredit = 0;
        stream.PendingFlags = YamuxFlags.None;
        if (!isUnknownToPeer)
        {
            control.Add(stream, YamuxFlags.Rst, 0);
        }
    }

    /// <summary>Closes a stream that both sides finished.</summary>
    public void CloseIfFinished(YamuxStream stream)
    {
        if (stream.IsLocalFinished && stream.IsRemoteFinished)
        {
            Close(stream);
        }
    }

    /// <summary>The stream is over for the session.</summary>
    public void Close(YamuxStream stream)
    {
        if (stream.IsClosed)
        {
            return;
        }

        stream.IsClosed = true;
        _streams.Remove(stream.Id);
        _growth.Release(stream);
        if (stream.IsInbound)
        {
            InboundCount--;
        }
        else
        {
            _outboundCount--;
        }

        if (stream.IsUnacknowledged)
        {
            Acknowledge(stream);
        }
    }
}

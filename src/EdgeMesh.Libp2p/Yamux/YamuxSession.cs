using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace EdgeMesh.Libp2p.Yamux;

/// <summary>One side of a yamux session, without I/O, clock or tasks (yamux specification /yamux/1.0.0).</summary>
/// <remarks>
/// Bytes of the peer go into <see cref="Read"/>, which says what happened, one thing at a time. Frames without payload
/// come out of <see cref="PollControl"/>; frames with payload are built by the owner, who asks
/// <see cref="WriteDataHeader"/> for the header. Times are nanoseconds of any monotonic clock.
/// Memory is bounded by the stream limits alone: whatever a peer sends, nothing else grows.
/// </remarks>
public sealed class YamuxSession
{
    private readonly YamuxReceiver _receiver = new();
    private readonly YamuxControlQueue _control = new();
    private readonly OpenedStreamIds _opened = new();
    private readonly YamuxKeepAlive _keepAlive;
    private readonly YamuxWindowGrowth _growth;
    private readonly Dictionary<uint, YamuxStream> _streams = [];
    private readonly YamuxSessionOptions _options;
    private readonly bool _isClient;
    private uint _nextId;
    private int _inboundCount;
    private int _outboundCount;
    private int _unacknowledgedCount;
    private bool _isGoingAway;

    /// <summary>A session that has said nothing yet.</summary>
    /// <param name="isClient">The security handshake's initiator is the client.</param>
    /// <param name="options">Limits and intervals.</param>
    /// <param name="now">The time.</param>
    public YamuxSession(bool isClient, YamuxSessionOptions options, long now)
    {
        ArgumentNullException.ThrowIfNull(options);
        _isClient = isClient;
        _options = options;
        _growth = new YamuxWindowGrowth(options.WindowGrowthBytesMax);
        _nextId = isClient ? 1u : 2u;
        _keepAlive = new YamuxKeepAlive(now, isPatient: !isClient, options);
    }

    /// <summary>How the peer broke the protocol; once set, the session is over but for its go-away.</summary>
    public YamuxViolation Violation { get; private set; }

    /// <summary>The peer's go-away, if it sent one; codes that nobody defined count as internal error.</summary>
    public YamuxGoAwayCode? RemoteGoAway { get; private set; }

    /// <summary>Smoothed round trip, nanoseconds; 0 before the first measurement.</summary>
    public long RoundTripNanoseconds => _keepAlive.RoundTripNanoseconds;

    /// <summary>Open streams of both sides.</summary>
    public IReadOnlyCollection<YamuxStream> Streams => _streams.Values;

    /// <summary>Streams that the peer has open.</summary>
    public int InboundCount => _inboundCount;

    /// <summary>Streams of the peer that were reset at once because it had too many, or because we go away.</summary>
    public long RefusedStreams { get; private set; }

    /// <summary>Payload thrown away because its stream was gone.</summary>
    public long DrainedBytes => _receiver.DrainedBytes;

    /// <summary>Whether <see cref="PollControl"/> has something to write.</summary>
    public bool HasControl => !_control.IsEmpty;

    /// <summary>When <see cref="HandleTimeout"/> wants to be called.</summary>
    public long NextTimeout => _keepAlive.NextTimeout;

    /// <summary>Whether no stream can be opened any more, now or later.</summary>
    public bool IsGoingAway =>
        _isGoingAway || RemoteGoAway is not null || Violation != YamuxViolation.None || _nextId > uint.MaxValue - 2;

    /// <summary>Whether a go-away of ours leaves, or left.</summary>
    public bool HasSaidGoodbye => _isGoingAway;

    /// <summary>Whether a stream can be opened now.</summary>
    public bool CanOpen =>
        !IsGoingAway
        && _unacknowledgedCount < YamuxLimits.UnacknowledgedStreamsMax
        && _outboundCount < _options.OutboundStreamsMax;

    /// <summary>Takes bytes of the peer, up to the first thing that happens.</summary>
    /// <param name="now">The time.</param>
    /// <param name="bytes">What is left of the received bytes.</param>
    /// <param name="consumed">Bytes taken; payload of a data event is the last part of them.</param>
    /// <returns>What happened; <see cref="YamuxEventKind.None"/> when all bytes are taken.</returns>
    public YamuxEvent Read(long now, ReadOnlySpan<byte> bytes, out int consumed)
    {
        consumed = 0;
        if (Violation != YamuxViolation.None)
        {
            consumed = bytes.Length;
            return default;
        }

        _keepAlive.HandleReceived(now);
        while (true)
        {
            if (_receiver.TryTakeEvent(bytes, ref consumed, out YamuxEvent happened))
            {
                return Apply(happened);
            }

            if (!_receiver.TryTakeHeader(bytes, ref consumed, out YamuxHeader header, out YamuxViolation violation))
            {
                return default;
            }

            if (violation == YamuxViolation.None)
            {
                violation = HandleHeader(now, header);
            }

            if (violation != YamuxViolation.None)
            {
                consumed = bytes.Length;
                return Fail(violation);
            }
        }
    }

    /// <summary>Opens a stream; the SYN leaves with the first payload or the next control frames.</summary>
    /// <param name="fixedWindowBytes">A receive window that is granted at once and doesn't grow; 0: the initial window,
    /// which grows.</param>
    /// <param name="stream">The stream, if <see cref="CanOpen"/>.</param>
    public bool TryOpen(int fixedWindowBytes, [NotNullWhen(true)] out YamuxStream? stream)
    {
        stream = null;
        if (!CanOpen)
        {
            return false;
        }

        stream = new YamuxStream(_nextId, isInbound: false) { IsUnacknowledged = true };
        _nextId += 2;
        _outboundCount++;
        _unacknowledgedCount++;
        _streams.Add(stream.Id, stream);
        _control.Add(stream, YamuxFlags.Syn, 0);
        FixWindow(stream, fixedWindowBytes);
        return true;
    }

    /// <summary>Accepts a stream of the peer; the ACK leaves as the SYN does.</summary>
    public void Accept(YamuxStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Debug.Assert(stream.IsInbound);
        if (!stream.IsClosed)
        {
            _control.Add(stream, YamuxFlags.Ack, 0);
        }
    }

    /// <summary>Grants a larger window at once, which then tops up but doesn't grow; a smaller one holds once the
    /// initial window is used. 0 changes nothing.</summary>
    public void FixWindow(YamuxStream stream, int fixedWindowBytes)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (fixedWindowBytes == 0 || stream.IsClosed)
        {
            return;
        }

        stream.IsWindowFixed = true;
        stream.WindowBytes = fixedWindowBytes;
        Grant(stream, stream.WindowBytes - stream.UnreadBytes - stream.ReceiveCredit);
    }

    /// <summary>The owner is done with bytes of data events: tops the peer's credit up when half of it is
    /// used.</summary>
    public void Consume(YamuxStream stream, long bytes, long now)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Debug.Assert(bytes <= stream.UnreadBytes);
        stream.UnreadBytes -= bytes;
        if (stream.IsClosed || stream.IsRemoteFinished)
        {
            return;
        }

        long deficit = stream.WindowBytes - stream.UnreadBytes - stream.ReceiveCredit;
        if (deficit < stream.WindowBytes / 2)
        {
            return;
        }

        deficit += _growth.Grow(stream, now, RoundTripNanoseconds);
        stream.WindowUpdatedAt = now;
        Grant(stream, deficit);
    }

    /// <summary>Spends credit and writes the header of a data frame; a waiting SYN or ACK rides along.</summary>
    /// <param name="stream">Its stream: not closed, not finished by us.</param>
    /// <param name="header">12 bytes of room.</param>
    /// <param name="payloadLength">At most the stream's credit and <see cref="YamuxLimits.PayloadBytesMax"/>.</param>
    public static void WriteDataHeader(YamuxStream stream, Span<byte> header, int payloadLength)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Debug.Assert(!stream.IsClosed);
        Debug.Assert(!stream.IsLocalFinished);
        Debug.Assert(payloadLength <= stream.SendCredit);
        Debug.Assert(payloadLength <= YamuxLimits.PayloadBytesMax);
        YamuxFlags flags = stream.PendingFlags & (YamuxFlags.Syn | YamuxFlags.Ack);
        stream.PendingFlags &= ~flags;
        stream.SendCredit -= payloadLength;
        new YamuxHeader(YamuxFrameType.Data, flags, stream.Id, (uint)payloadLength).Write(header);
    }

    /// <summary>We write no more: a FIN leaves with the next control frames.</summary>
    public void FinishWriting(YamuxStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (stream.IsClosed || stream.IsLocalFinished)
        {
            return;
        }

        stream.IsLocalFinished = true;
        _control.Add(stream, YamuxFlags.Fin, 0);
        CloseIfFinished(stream);
    }

    /// <summary>Ends the stream at once, both ways. Nothing happens if it is closed already.</summary>
    public void Reset(YamuxStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
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
            _control.Add(stream, YamuxFlags.Rst, 0);
        }
    }

    /// <summary>Says that we take no more streams; with any code but <see cref="YamuxGoAwayCode.Normal"/> it is the
    /// last thing that we say.</summary>
    public void GoAway(YamuxGoAwayCode code)
    {
        _isGoingAway = true;
        _control.AddGoAway(code);
    }

    /// <summary>Writes waiting frames without payload, as many as fit.</summary>
    /// <returns>Bytes written.</returns>
    public int PollControl(Span<byte> buffer, long now)
    {
        bool isPingWaiting = _control.IsPingWaiting;
        int length = _control.Poll(buffer);
        if (isPingWaiting && !_control.IsPingWaiting)
        {
            _keepAlive.HandlePingLeft(now);
        }

        return length;
    }

    /// <summary>Lets the keep-alive do what is due.</summary>
    /// <returns>False: the peer is gone.</returns>
    public bool HandleTimeout(long now, long heardAt = long.MinValue)
    {
        _keepAlive.HandleHeard(heardAt); // by the transport, if only an acknowledgement
        bool isAlive = _keepAlive.HandleTimeout(now, out uint? ping);
        if (ping is uint value && Violation == YamuxViolation.None)
        {
            _control.AddPing(value);
        }

        return isAlive;
    }

    private YamuxViolation HandleHeader(long now, in YamuxHeader header) => header.Type switch
    {
        YamuxFrameType.Ping => HandlePing(now, header),
        YamuxFrameType.GoAway => HandleGoAway(header),
        _ => HandleStreamFrame(header),
    };

    private YamuxViolation HandlePing(long now, in YamuxHeader header)
    {
        if (header.Has(YamuxFlags.Ack))
        {
            _keepAlive.HandlePong(now, header.Length);
            return YamuxViolation.None;
        }

        return _control.TryAddPong(header.Length) ? YamuxViolation.None : YamuxViolation.PingFlood;
    }

    private YamuxViolation HandleGoAway(in YamuxHeader header)
    {
        RemoteGoAway = header.Length > (uint)YamuxGoAwayCode.InternalError
            ? YamuxGoAwayCode.InternalError
            : (YamuxGoAwayCode)header.Length;
        _receiver.Expect(YamuxEventKind.GoAway, null);
        return YamuxViolation.None;
    }

    private YamuxViolation HandleStreamFrame(in YamuxHeader header)
    {
        YamuxStream? stream;
        if (header.Has(YamuxFlags.Syn))
        {
            YamuxViolation violation = HandleOpen(header, out stream);
            if (violation != YamuxViolation.None)
            {
                return violation;
            }
        }
        else if (_streams.TryGetValue(header.StreamId, out stream) && stream.IsUnacknowledged)
        {
            Acknowledge(stream);
            if (!header.Has(YamuxFlags.Rst))
            {
                _receiver.Expect(YamuxEventKind.Accepted, stream);
            }
        }

        return stream is null ? Drain(header) : HandleKnownStream(header, stream);
    }

    private YamuxViolation HandleKnownStream(in YamuxHeader header, YamuxStream stream)
    {
        if (header.Type == YamuxFrameType.WindowUpdate)
        {
            if (stream.SendCredit + header.Length > uint.MaxValue)
            {
                return YamuxViolation.WindowOverflow;
            }

            stream.SendCredit += header.Length;
            if (header.Length > 0)
            {
                _receiver.Expect(YamuxEventKind.Credit, stream);
            }
        }
        else if (header.Length > 0)
        {
            if (stream.IsRemoteFinished)
            {
                Reset(stream);
                _receiver.Expect(YamuxEventKind.Broken, stream);
                return Drain(header);
            }

            if (header.Length > stream.ReceiveCredit)
            {
                return YamuxViolation.WindowOverrun;
            }

            stream.ReceiveCredit -= header.Length;
            _receiver.ExpectPayload(stream, header.Length);
        }

        if (header.Has(YamuxFlags.Rst))
        {
            _receiver.Expect(YamuxEventKind.Reset, stream);
        }
        else if (header.Has(YamuxFlags.Fin) && !stream.IsRemoteFinished)
        {
            _receiver.Expect(YamuxEventKind.Finished, stream);
        }

        return YamuxViolation.None;
    }

    private YamuxViolation HandleOpen(in YamuxHeader header, out YamuxStream? stream)
    {
        stream = null;
        if ((header.StreamId % 2 == 1) == _isClient)
        {
            return YamuxViolation.WrongParity;
        }

        if (!_opened.TryAdd(header.StreamId))
        {
            return YamuxViolation.StreamIdReused;
        }

        if (header.Has(YamuxFlags.Rst))
        {
            return YamuxViolation.None;
        }

        // Streams that ended wait here for their last frame to leave; a peer that doesn't read could pile them up.
        if (_control.StreamCount >= YamuxLimits.PendingStreamsMax)
        {
            return YamuxViolation.OpenFlood;
        }

        if (_inboundCount >= _options.InboundStreamsMax || _isGoingAway)
        {
            RefusedStreams++;
            return _control.TryAddRefusal(header.StreamId) ? YamuxViolation.None : YamuxViolation.OpenFlood;
        }

        stream = new YamuxStream(header.StreamId, isInbound: true);
        _inboundCount++;
        _streams.Add(stream.Id, stream);
        _receiver.Expect(YamuxEventKind.Opened, stream);
        return YamuxViolation.None;
    }

    private YamuxViolation Drain(in YamuxHeader header)
    {
        if (header.Type == YamuxFrameType.Data && header.Length > 0)
        {
            _receiver.ExpectPayload(null, header.Length);
        }

        return YamuxViolation.None;
    }

    // Events take effect when they are reported, so that the owner and the session agree at each step.
    private YamuxEvent Apply(in YamuxEvent happened)
    {
        YamuxStream? stream = happened.Stream;
        switch (happened.Kind)
        {
            case YamuxEventKind.Data:
                stream!.UnreadBytes += happened.DataLength;
                break;
            case YamuxEventKind.Finished:
                stream!.IsRemoteFinished = true;
                CloseIfFinished(stream);
                break;
            case YamuxEventKind.Reset:
                Close(stream!);
                break;
            default:
                break;
        }

        return happened;
    }

    private YamuxEvent Fail(YamuxViolation violation)
    {
        Violation = violation;
        GoAway(YamuxGoAwayCode.ProtocolError);
        return new YamuxEvent(YamuxEventKind.Violated);
    }

    private void Acknowledge(YamuxStream stream)
    {
        stream.IsUnacknowledged = false;
        _unacknowledgedCount--;
    }

    private void Grant(YamuxStream stream, long credit)
    {
        if (credit <= 0)
        {
            return;
        }

        stream.ReceiveCredit += credit;
        _control.Add(stream, YamuxFlags.None, credit);
    }

    private void CloseIfFinished(YamuxStream stream)
    {
        if (stream.IsLocalFinished && stream.IsRemoteFinished)
        {
            Close(stream);
        }
    }

    private void Close(YamuxStream stream)
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
            _inboundCount--;
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

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
    private readonly YamuxControlQueue _control = new();
    private readonly YamuxKeepAlive _keepAlive;
    private readonly YamuxStreamTable _streams;
    private readonly YamuxFrameReader _reader;

    /// <summary>A session that has said nothing yet.</summary>
    /// <param name="isClient">The security handshake's initiator is the client.</param>
    /// <param name="options">Limits and intervals.</param>
    /// <param name="now">The time.</param>
    public YamuxSession(bool isClient, YamuxSessionOptions options, long now)
    {
        ArgumentNullException.ThrowIfNull(options);
        _keepAlive = new YamuxKeepAlive(now, isPatient: !isClient, options);
        _streams = new YamuxStreamTable(isClient, options, _control);
        _reader = new YamuxFrameReader(_streams, _control, _keepAlive);
    }

    /// <summary>How the peer broke the protocol; once set, the session is over but for its go-away.</summary>
    public YamuxViolation Violation => _reader.Violation;

    /// <summary>The peer's go-away, if it sent one; codes that nobody defined count as internal error.</summary>
    public YamuxGoAwayCode? RemoteGoAway => _reader.RemoteGoAway;

    /// <summary>Smoothed round trip, nanoseconds; 0 before the first measurement.</summary>
    public long RoundTripNanoseconds => _keepAlive.RoundTripNanoseconds;

    /// <summary>Open streams of both sides.</summary>
    public IReadOnlyCollection<YamuxStream> Streams => _streams.All;

    /// <summary>Streams that the peer has open.</summary>
    public int InboundCount => _streams.InboundCount;

    /// <summary>Streams of the peer that were reset at once because it had too many, or because we go away.</summary>
    public long RefusedStreams => _reader.RefusedStreams;

    /// <summary>Payload thrown away because its stream was gone.</summary>
    public long DrainedBytes => _reader.DrainedBytes;

    /// <summary>Whether <see cref="PollControl"/> has something to write.</summary>
    public bool HasControl => !_control.IsEmpty;

    /// <summary>When <see cref="HandleTimeout"/> wants to be called.</summary>
    public long NextTimeout => _keepAlive.NextTimeout;

    /// <summary>Whether no stream can be opened any more, now or later.</summary>
    public bool IsGoingAway =>
        HasSaidGoodbye || RemoteGoAway is not null || Violation != YamuxViolation.None || _streams.IsExhausted;

    /// <summary>Whether a go-away of ours leaves, or left.</summary>
    public bool HasSaidGoodbye => _reader.IsRefusing;

    /// <summary>Whether a stream can be opened now.</summary>
    public bool CanOpen => !IsGoingAway && _streams.HasRoom;

    /// <summary>Takes bytes of the peer, up to the first thing that happens.</summary>
    /// <param name="now">The time.</param>
    /// <param name="bytes">What is left of the received bytes.</param>
    /// <param name="consumed">Bytes taken; payload of a data event is the last part of them.</param>
    /// <returns>What happened; <see cref="YamuxEventKind.None"/> when all bytes are taken.</returns>
    public YamuxEvent Read(long now, ReadOnlySpan<byte> bytes, out int consumed)
    {
        YamuxEvent happened = _reader.Read(now, bytes, out consumed);
        if (happened.Kind == YamuxEventKind.Violated)
        {
            GoAway(YamuxGoAwayCode.ProtocolError);
        }

        return happened;
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

        stream = _streams.Open();
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
        _streams.Grant(stream, stream.WindowBytes - stream.UnreadBytes - stream.ReceiveCredit);
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

        _streams.TopUp(stream, deficit, now, RoundTripNanoseconds);
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
        _streams.CloseIfFinished(stream);
    }

    /// <summary>Ends the stream at once, both ways. Nothing happens if it is closed already.</summary>
    public void Reset(YamuxStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _streams.Reset(stream);
    }

    /// <summary>Says that we take no more streams; with any code but <see cref="YamuxGoAwayCode.Normal"/> it is the
    /// last thing that we say.</summary>
    public void GoAway(YamuxGoAwayCode code)
    {
        _reader.IsRefusing = true;
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
}

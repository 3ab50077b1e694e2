using System;

namespace EdgeMesh.Libp2p.Yamux;

/// <summary>What the peer's frames mean: checks them, and changes streams and session accordingly.</summary>
internal sealed class YamuxFrameReader(
    YamuxStreamTable streams, YamuxControlQueue control, YamuxKeepAlive keepAlive)
{
    private readonly YamuxReceiver _receiver = new();

    /// <summary>How the peer broke the protocol; nothing is read after that.</summary>
    public YamuxViolation Violation { get; private set; }

    /// <summary>The peer's go-away, if it sent one; codes that nobody defined count as internal error.</summary>
    public YamuxGoAwayCode? RemoteGoAway { get; private set; }

    /// <summary>Whether new streams are refused because we go away.</summary>
    public bool IsRefusing { get; set; }

    /// <summary>Streams that were refused.</summary>
    public long RefusedStreams { get; private set; }

    /// <summary>Payload thrown away because its stream was gone.</summary>
    public long DrainedBytes => _receiver.DrainedBytes;

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

        keepAlive.HandleReceived(now);
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
            keepAlive.HandlePong(now, header.Length);
            return YamuxViolation.None;
        }

        return control.TryAddPong(header.Length) ? YamuxViolation.None : YamuxViolation.PingFlood;
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
        else if (streams.TryGet(header.StreamId, out stream) && stream.IsUnacknowledged)
        {
            streams.Acknowledge(stream);
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
                streams.Reset(stream);
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
        YamuxViolation violation = streams.Note(header.StreamId);
        if (violation != YamuxViolation.None)
        {
            return violation;
        }

        if (header.Has(YamuxFlags.Rst))
        {
            return YamuxViolation.None;
        }

        // Streams that ended wait here for their last frame to leave; a peer that doesn't read could pile them up.
        if (control.StreamCount >= YamuxLimits.PendingStreamsMax)
        {
            return YamuxViolation.OpenFlood;
        }

        if (!streams.HasInboundRoom || IsRefusing)
        {
            RefusedStreams++;
            return control.TryAddRefusal(header.StreamId) ? YamuxViolation.None : YamuxViolation.OpenFlood;
        }

        stream = streams.AddInbound(header.StreamId);
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
                streams.CloseIfFinished(stream);
                break;
            case YamuxEventKind.Reset:
                streams.Close(stream!);
                break;
            default:
                break;
        }

        return happened;
    }

    private YamuxEvent Fail(YamuxViolation violation)
    {
        Violation = violation;
        return new YamuxEvent(YamuxEventKind.Violated);
    }
}

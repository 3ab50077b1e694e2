using System;
using System.Buffers;
using System.Collections.Generic;
using EdgeMesh.Libp2p.Security;
using EdgeMesh.Libp2p.Yamux;

namespace EdgeMesh.Libp2p.Connections;

/// <summary>What came in, on its way to the streams: opened, taken apart, handed out where it lies.</summary>
/// <remarks>
/// While this is busy nothing is sent; what consumers and streams ask for leaves at the end of the batch, together.
/// </remarks>
internal sealed class ConnectionReceiver(ConnectionCore core, SecuredConnection secured)
{
    private readonly MessageReader _messages = new(secured.Receive);
    private readonly List<InlineStream> _touched = [];

    /// <summary>Whether bytes are being handed out.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>Bytes taken, Noise included.</summary>
    public long ReceivedBytes { get; private set; }

    /// <summary>The stream's consumer gets bytes of this batch.</summary>
    public void Touch(InlineStream stream)
    {
        if (!stream.IsTouched)
        {
            stream.IsTouched = true;
            _touched.Add(stream);
        }
    }

    /// <summary>Takes what the upgrade had decrypted already.</summary>
    public void HandleEarlyPlaintext(long now)
    {
        if (secured.EarlyPlaintext.IsEmpty)
        {
            return;
        }

        Span<byte> plaintext = _messages.Scratch(secured.EarlyPlaintext.Length);
        secured.EarlyPlaintext.Span.CopyTo(plaintext);
        IsBusy = true;
        HandlePlaintext(plaintext, now);
        EndBatch();
        IsBusy = false;
    }

    /// <summary>Takes all messages that are complete.</summary>
    public void HandleBytes(ref ReadOnlySequence<byte> buffer, long now)
    {
        long before = buffer.Length;
        IsBusy = true;
        while (!core.IsOver && MessageReader.IsComplete(buffer))
        {
            if (_messages.IsScratchUsed && MessageReader.NeedsScratch(buffer))
            {
                // Consumers may still point into what the next message overwrites.
                EndBatch();
            }

            if (!_messages.TryOpen(ref buffer, out Span<byte> plaintext))
            {
                core.End(CloseReason.DecryptFailure, failure: null);
                break;
            }

            HandlePlaintext(plaintext, now);
        }

        EndBatch();
        IsBusy = false;
        ReceivedBytes += before - buffer.Length;
    }

    private void EndBatch()
    {
        _messages.IsScratchUsed = false;

        // By index: a consumer's end of batch touches nothing, but it may end streams.
        for (int i = 0; i < _touched.Count; i++)
        {
            if (_touched[i].IsTouched)
            {
                _touched[i].EndBatch();
            }
        }

        _touched.Clear();
    }

    private void HandlePlaintext(Span<byte> plaintext, long now)
    {
        while (!core.IsOver)
        {
            YamuxEvent happened = core.Session.Read(now, plaintext, out int consumed);
            if (happened.Kind == YamuxEventKind.None)
            {
                return;
            }

            Handle(happened, plaintext.Slice(consumed - happened.DataLength, happened.DataLength));
            plaintext = plaintext[consumed..];
        }
    }

    private void Handle(in YamuxEvent happened, Span<byte> data)
    {
        var stream = happened.Stream?.Owner as ConnectionStream;
        switch (happened.Kind)
        {
            case YamuxEventKind.Opened:
                core.Streams.HandleOpened(happened.Stream!);
                break;
            case YamuxEventKind.Data:
                stream!.HandleData(data);
                break;
            case YamuxEventKind.Credit:
                stream!.HandleCredit();
                break;
            case YamuxEventKind.Finished:
                stream!.HandleFinished();
                break;
            case YamuxEventKind.Reset:
                stream!.HandleEnd(StreamEnd.RemoteReset);
                break;
            case YamuxEventKind.Broken:
                stream!.HandleEnd(StreamEnd.DataAfterFinish);
                break;
            case YamuxEventKind.GoAway:
                HandleGoAway();
                break;
            case YamuxEventKind.Violated:
                core.End(CloseReasons.Of(core.Session.Violation), failure: null);
                break;
            default:
                break;
        }
    }

    private void HandleGoAway()
    {
        // Normal: streams may finish, none may begin.
        if (core.Session.RemoteGoAway != YamuxGoAwayCode.Normal)
        {
            core.End(
                core.Session.RemoteGoAway == YamuxGoAwayCode.ProtocolError
                    ? CloseReason.RemoteProtocolError
                    : CloseReason.RemoteInternalError,
                failure: null);
        }
    }
}

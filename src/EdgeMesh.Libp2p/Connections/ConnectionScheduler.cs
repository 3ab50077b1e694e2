using System;
using System.Buffers;
using System.Collections.Generic;
using System.Diagnostics;
using EdgeMesh.Libp2p.Yamux;

namespace EdgeMesh.Libp2p.Connections;

/// <summary>Who writes next: frames without payload first, then ordinary and inline streams, half of the output
/// each.</summary>
/// <remarks>
/// Ordinary streams take turns, one frame each. Inline streams write whenever they like while there is room; those that
/// were refused are told when there is room again.
/// </remarks>
internal sealed class ConnectionScheduler(ConnectionCore core, ConnectionOutput output)
{
    private readonly Queue<ConnectionStream> _ready = new();
    private readonly byte[] _frame = new byte[YamuxHeader.SizeBytes + ConnectionLimits.OrdinaryFrameBytesMax];
    private List<InlineStream> _refused = [];
    private List<InlineStream> _told = [];
    private bool _isServicing;
    private bool _isAskedAgain;

    /// <summary>The stream may have something to send.</summary>
    public void MarkReady(ConnectionStream stream)
    {
        if (!stream.IsReady)
        {
            stream.IsReady = true;
            _ready.Enqueue(stream);
        }
    }

    /// <summary>The stream's consumer waits for room.</summary>
    public void AddRefused(InlineStream stream) => _refused.Add(stream);

    /// <summary>Writes and flushes whatever can be written now.</summary>
    public void Service(long now)
    {
        // What a consumer asks for while it is being served is served by the loop below, not by recursion.
        _isAskedAgain = true;
        if (_isServicing)
        {
            return;
        }

        _isServicing = true;
        try
        {
            ServiceUntilDone(now);
        }
#pragma warning disable CA1031 // A consumer threw: its connection ends.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            core.Fail(failure);
        }

        _isServicing = false;
    }

    /// <summary>Writes frames without payload, many to a message, as long as there is room.</summary>
    public void WriteControl(long now)
    {
        while (core.Session.HasControl)
        {
            int room = Math.Min(output.ControlRoomBytes, _frame.Length);
            if (room < YamuxHeader.SizeBytes)
            {
                return;
            }

            int length = core.Session.PollControl(_frame.AsSpan(0, room), now);
            if (length > 0)
            {
                output.Write(_frame.AsSpan(0, length));
            }
        }
    }

    /// <summary>Copies one frame of an ordinary stream into the output.</summary>
    public void SendFrame(YamuxStream stream, ReadOnlySpan<byte> payload)
    {
        payload.CopyTo(_frame.AsSpan(YamuxHeader.SizeBytes));
        SendFrame(stream, payload.Length);
    }

    /// <summary>Copies one frame of an ordinary stream into the output.</summary>
    public void SendFrame(YamuxStream stream, in ReadOnlySequence<byte> payload)
    {
        payload.CopyTo(_frame.AsSpan(YamuxHeader.SizeBytes));
        SendFrame(stream, (int)payload.Length);
    }

    private void SendFrame(YamuxStream stream, int payloadLength)
    {
        YamuxSession.WriteDataHeader(stream, _frame, payloadLength);
        output.Write(_frame.AsSpan(0, YamuxHeader.SizeBytes + payloadLength));
    }

    private void ServiceUntilDone(long now)
    {
        while (_isAskedAgain && !core.IsOver)
        {
            _isAskedAgain = false;
            WriteControl(now);
            SendOrdinary(ConnectionLimits.OrdinaryTurnBytesMax);
            TellRefused();
            SendOrdinary(ConnectionLimits.UnflushedBytesMax);
            output.Flush(now);
            _isAskedAgain |= !output.IsFlushing && !output.IsBroken && HasMore();
        }
    }

    private void SendOrdinary(int bytesMax)
    {
        int sent = 0;
        while (sent < bytesMax && _ready.TryPeek(out ConnectionStream? stream))
        {
            int room = Math.Min(output.RoomBytes - YamuxHeader.SizeBytes, ConnectionLimits.OrdinaryFrameBytesMax);
            if (room < ConnectionLimits.OrdinaryFrameBytesMax)
            {
                // A small rest is not worth a frame; it all becomes room again with the next flush.
                return;
            }

            _ready.Dequeue();
            stream.IsReady = false;
            if (stream.Mux.IsClosed)
            {
                continue;
            }

            sent += stream.SendTurn(room, out bool isReady);
            if (isReady)
            {
                MarkReady(stream);
            }
        }
    }

    private void TellRefused()
    {
        if (_refused.Count == 0)
        {
            return;
        }

        (_refused, _told) = (_told, _refused);
        Debug.Assert(_refused.Count == 0);
        for (int i = 0; i < _told.Count; i++)
        {
            InlineStream stream = _told[i];
            if (stream.End != StreamEnd.None)
            {
                continue;
            }

            if (stream.IsWritableAgain)
            {
                stream.IsRefused = false;
                stream.CallWritable();
            }
            else
            {
                _refused.Add(stream);
            }
        }

        _told.Clear();
    }

    private bool HasMore()
    {
        if (core.Session.HasControl || _ready.Count > 0)
        {
            return true;
        }

        foreach (InlineStream stream in _refused)
        {
            if (stream.IsWritableAgain && stream.End == StreamEnd.None)
            {
                return true;
            }
        }

        return false;
    }
}

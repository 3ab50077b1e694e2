using System;
using System.Buffers.Binary;
using System.Net.Sockets;
using EdgeMesh.Traffic;

namespace EdgeMesh.Perf.Measuring.Protocol;

/// <summary>Control messages over a TCP connection: four bytes of length, big-endian, then JSON.</summary>
internal sealed class ControlConnection(Socket socket) : IDisposable
{
    private const int LengthBytes = 4;

    /// <summary>Sends one.</summary>
    /// <exception cref="ProtocolException">The other end is gone.</exception>
    public void Send(ControlMessage message)
    {
        byte[] json = message.ToBytes();
        byte[] frame = new byte[LengthBytes + json.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, json.Length);
        json.CopyTo(frame, LengthBytes);
        try
        {
            socket.SendTimeout = (int)MeasuringLimits.WordTime.TotalMilliseconds;
            socket.Send(frame);
        }
        catch (SocketException e)
        {
            throw new ProtocolException($"the control connection broke ({e.SocketErrorCode})", e);
        }
    }

    /// <summary>Waits for one.</summary>
    /// <param name="limit">For the whole message, however slowly it comes.</param>
    /// <exception cref="ProtocolException">None came in time, or bytes that are none.</exception>
    public ControlMessage Receive(TimeSpan limit)
    {
        long deadline = MonotonicTime.Now + MonotonicTime.Of(limit);
        byte[] length = new byte[LengthBytes];
        Fill(length, deadline);
        int bytes = BinaryPrimitives.ReadInt32BigEndian(length);
        if (bytes is <= 0 or > ControlMessage.BytesMax)
        {
            throw new ProtocolException("the other end sent something other than a control message");
        }

        byte[] json = new byte[bytes];
        Fill(json, deadline);
        return ControlMessage.TryParse(json, out ControlMessage message)
            ? message
            : throw new ProtocolException("the other end sent a control message that breaks the protocol");
    }

    /// <summary>Waits until a message begins, or the other end is gone.</summary>
    /// <returns>False if neither has happened by then.</returns>
    public bool Wait(long untilNanos)
    {
        long left = untilNanos - MonotonicTime.Now;
        return socket.Poll(left <= 0 ? 0 : (int)Math.Min(left / 1000, int.MaxValue), SelectMode.SelectRead);
    }

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();

    private void Fill(Span<byte> bytes, long deadline)
    {
        while (!bytes.IsEmpty)
        {
            long millis = (deadline - MonotonicTime.Now) / MonotonicTime.Millisecond;
            if (millis <= 0)
            {
                throw new ProtocolException("the other end said nothing in time");
            }

            socket.ReceiveTimeout = (int)millis;
            int count = socket.Receive(bytes, SocketFlags.None, out SocketError error);
            if (error is SocketError.TimedOut or SocketError.WouldBlock)
            {
                throw new ProtocolException("the other end said nothing in time");
            }

            if (error != SocketError.Success || count == 0)
            {
                throw new ProtocolException("the other end closed the control connection");
            }

            bytes = bytes[count..];
        }
    }
}

using System;
using System.Net.Sockets;
using EdgeMesh.Native;
using SocketAddress = System.Net.SocketAddress;

namespace EdgeMesh.Traffic;

/// <summary>Hands one stream's datagrams to the kernel, many in one system call.</summary>
/// <remarks>
/// Each is a packet of its own, made and routed by itself: only the cost of entering the kernel is shared, so the
/// paths that are measured see what a program sees that makes a call for each. All datagrams of a call show one time.
/// </remarks>
public sealed class UdpSender
{
    /// <summary>Sends of one system call. Of what a call costs a packet, a sixty-fourth is left.</summary>
    public const int SendsPerCallMax = 64;

    /// <summary>Payload of one system call: read again each time, it should stay in a core's own cache.</summary>
    public const int BytesPerCallMax = 128 << 10;

    private readonly Socket _socket;
    private readonly DatagramBatch _batch;
    private readonly int _datagramBytes;
    private readonly int _segments;

    /// <summary>Prepares the payload.</summary>
    /// <param name="socket">A blocking socket with a send timeout; stays the caller's.</param>
    /// <param name="to">Where to; null: where the socket is connected to.</param>
    /// <param name="datagramBytes">Payload of each datagram.</param>
    /// <param name="segments">Datagrams that the kernel cuts each send into (<see cref="UdpSegments"/>).</param>
    /// <param name="seed">Of the payload.</param>
    public UdpSender(Socket socket, SocketAddress? to, int datagramBytes, int segments, int seed)
    {
        (_socket, _datagramBytes, _segments) = (socket, datagramBytes, segments);
        int sendBytes = datagramBytes * segments;
        int sends = Math.Clamp(BytesPerCallMax / sendBytes, 1, SendsPerCallMax);
        _batch = new DatagramBatch(sendBytes, sends, to is null ? [] : to.Buffer.Span[..to.Size]);
        Payload.Random(sendBytes * sends, seed).CopyTo(_batch.Payload);
    }

    /// <summary>Payload of each datagram.</summary>
    public int DatagramBytes => _datagramBytes;

    /// <summary>Sends datagrams.</summary>
    /// <param name="first">The header of the first; the others have the sequences that follow.</param>
    /// <param name="due">How many may leave now; of one send all do.</param>
    /// <param name="isRefused">Whether the kernel refused the next one.</param>
    /// <returns>Datagrams that were handed to the kernel.</returns>
    public int Send(UdpDatagram first, long due, out bool isRefused)
    {
        int sends = (int)Math.Clamp(due / _segments, 1, _batch.Datagrams);
        Span<byte> payload = _batch.Payload;
        for (int i = 0; i < sends * _segments; i++)
        {
            (first with { Sequence = first.Sequence + i }).Write(payload[(i * _datagramBytes)..]);
        }

        int sent = _batch.Send(_socket.SafeHandle.DangerousGetHandle(), sends);
        isRefused = sent < sends && sent != -Errno.EINTR;
        return Math.Max(0, sent) * _segments;
    }
}

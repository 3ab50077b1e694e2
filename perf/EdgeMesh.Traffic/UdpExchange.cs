using System;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.Traffic;

/// <summary>Sends datagrams to a <see cref="UdpEcho"/>, one at a time, and compares what comes back.</summary>
public static class UdpExchange
{
    /// <summary>An echo that takes longer counts as lost.</summary>
    public static readonly TimeSpan EchoTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Sends so many datagrams of a size, each after the echo of the one before.</summary>
    /// <param name="socket">A UDP socket; stays the caller's.</param>
    /// <param name="echo">Where the echo is.</param>
    /// <param name="sizeBytes">Payload of each datagram, 0 to 65507.</param>
    /// <param name="count">How many.</param>
    /// <param name="cancellation">Bounds the exchange.</param>
    public static async Task<UdpResult> RunAsync(
        Socket socket, IPEndPoint echo, int sizeBytes, int count, CancellationToken cancellation)
    {
        await socket.ConnectAsync(echo, cancellation);
        byte[] sent = new byte[sizeBytes];
        byte[] received = new byte[65536];
        new Random(sizeBytes).NextBytes(sent);
        int good = 0;
        int corrupt = 0;
        for (int i = 0; i < count; i++)
        {
            if (sizeBytes >= sizeof(int))
            {
                BinaryPrimitives.WriteInt32LittleEndian(sent, i);
            }

            await socket.SendAsync(sent, SocketFlags.None, cancellation);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(EchoTimeout);
            try
            {
                int length = await socket.ReceiveAsync(received, SocketFlags.None, limit.Token);
                bool isSame = received.AsSpan(0, length).SequenceEqual(sent);
                good += isSame ? 1 : 0;
                corrupt += isSame ? 0 : 1;
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                // Lost: the counts differ.
            }
        }

        return new UdpResult(count, good, corrupt);
    }
}

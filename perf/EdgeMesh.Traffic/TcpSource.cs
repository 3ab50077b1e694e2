using System;
using System.Diagnostics;
using System.IO;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.Traffic;

/// <summary>Sends a stream to a <see cref="TcpSink"/> and compares checksums.</summary>
public static class TcpSource
{
    /// <summary>Sends so many bytes, closes its half, and awaits the far side's SHA-256.</summary>
    /// <param name="socket">Connected to a <see cref="TcpSink"/>; stays the caller's.</param>
    /// <param name="seed">Chooses the bytes.</param>
    /// <param name="bytes">How many.</param>
    /// <param name="progress">Told the bytes handed to the kernel so far; may be null.</param>
    /// <param name="cancellation">Bounds the transfer.</param>
    /// <param name="bytesPerSecond">Sends no faster than this; as fast as it goes if 0.</param>
    public static async Task<TransferResult> SendAsync(
        Socket socket,
        int seed,
        long bytes,
        Action<long>? progress,
        CancellationToken cancellation,
        long bytesPerSecond = 0)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var pattern = new TrafficPattern(seed);
        long start = Stopwatch.GetTimestamp();
        for (long sent = 0; sent < bytes;)
        {
            ReadOnlyMemory<byte> block = pattern.Next();
            block = block[..(int)Math.Min(block.Length, bytes - sent)];
            hash.AppendData(block.Span);
            sent += block.Length;
            for (ReadOnlyMemory<byte> rest = block; rest.Length > 0;)
            {
                rest = rest[await socket.SendAsync(rest, SocketFlags.None, cancellation)..];
            }

            progress?.Invoke(sent);
            if (bytesPerSecond > 0)
            {
                TimeSpan ahead = TimeSpan.FromSeconds((double)sent / bytesPerSecond) - Stopwatch.GetElapsedTime(start);
                await Task.Delay(ahead > TimeSpan.Zero ? ahead : TimeSpan.Zero, cancellation);
            }
        }

        socket.Shutdown(SocketShutdown.Send);
        byte[] far = new byte[SHA256.HashSizeInBytes];
        int received = 0;
        while (received < far.Length)
        {
            int count = await socket.ReceiveAsync(far.AsMemory(received), SocketFlags.None, cancellation);
            if (count == 0)
            {
                throw new IOException("the receiver closed the connection without its checksum");
            }

            received += count;
        }

        byte[] near = hash.GetHashAndReset();
        TimeSpan duration = Stopwatch.GetElapsedTime(start);
        return new TransferResult(bytes, duration, Convert.ToHexStringLower(near), near.AsSpan().SequenceEqual(far));
    }
}

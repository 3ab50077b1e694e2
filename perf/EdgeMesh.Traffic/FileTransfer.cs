using System;
using System.IO;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.Traffic;

/// <summary>Moves a file over one TCP connection.</summary>
public static class FileTransfer
{
    /// <summary>Writes a file of reproducible content.</summary>
    public static async Task MakeAsync(string path, int seed, long bytes)
    {
        var pattern = new TrafficPattern(seed);
        await using FileStream file = File.Create(path);
        for (long written = 0; written < bytes; written += TrafficPattern.BlockBytes)
        {
            await file.WriteAsync(pattern.Next()[..(int)Math.Min(TrafficPattern.BlockBytes, bytes - written)]);
        }
    }

    /// <summary>Sends the file's bytes and writes what arrives into another file.</summary>
    /// <param name="listener">Where the file arrives; stays the caller's.</param>
    /// <param name="socket">Connected to the listener; stays the caller's.</param>
    /// <param name="source">The file to send.</param>
    /// <param name="target">The file to write.</param>
    /// <param name="cancellation">Bounds the transfer.</param>
    public static async Task MoveAsync(
        Socket listener, Socket socket, string source, string target, CancellationToken cancellation)
    {
        Task receiving = ReceiveAsync(listener, target, cancellation);
        await using var stream = new NetworkStream(socket);
        await using FileStream file = File.OpenRead(source);
        await file.CopyToAsync(stream, cancellation);
        socket.Shutdown(SocketShutdown.Send);
        await receiving;
    }

    /// <summary>A file's SHA-256, hexadecimal.</summary>
    public static async Task<string> ChecksumAsync(string path)
    {
        await using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file));
    }

    private static async Task ReceiveAsync(Socket listener, string target, CancellationToken cancellation)
    {
        using Socket socket = await listener.AcceptAsync(cancellation);
        await using var stream = new NetworkStream(socket);
        await using FileStream file = File.Create(target);
        await stream.CopyToAsync(file, cancellation);
    }
}

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.Traffic;

/// <summary>Accepts connections, hashes what comes in until its end, and answers with the SHA-256.</summary>
public sealed class TcpSink : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly ConcurrentQueue<IPEndPoint> _sources = new();
    private readonly Task _accepting;
    private long _bytes;

    /// <summary>Serves a listening socket, which it owns from here.</summary>
    public TcpSink(Socket listener)
    {
        _listener = listener;
        EndPoint = (IPEndPoint)listener.LocalEndPoint!;
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Where connections came from, in their order.</summary>
    public IReadOnlyCollection<IPEndPoint> Sources => _sources;

    /// <summary>Bytes received on all connections.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Ends it and its connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_connections);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptAsync(_stop.Token);
                _sources.Enqueue((IPEndPoint)socket.RemoteEndPoint!);
                _connections.Add(ReceiveAsync(socket));
            }
        }
        catch (Exception exception)
            when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task ReceiveAsync(Socket socket)
    {
        using (socket)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            byte[] buffer = GC.AllocateUninitializedArray<byte>(TrafficPattern.BlockBytes);
            try
            {
                int count;
                while ((count = await socket.ReceiveAsync(buffer, SocketFlags.None, _stop.Token)) > 0)
                {
                    hash.AppendData(buffer, 0, count);
                    Interlocked.Add(ref _bytes, count);
                }

                await socket.SendAsync(hash.GetHashAndReset(), SocketFlags.None, _stop.Token);
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException)
            {
                // The sender sees a missing checksum.
            }
        }
    }
}

using System;
using System.Collections.Generic;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.Traffic;

/// <summary>
/// TCP in both directions on many connections, as much as they carry, by one process: where hundreds of programs
/// would be a load of their own.
/// </summary>
public sealed class BulkTraffic : IAsyncDisposable
{
    private const int BlockBytes = 64 * 1024;

    // Sent on all connections: the content does not matter.
    private readonly byte[] _block = new byte[BlockBytes];
    private readonly CancellationTokenSource _stop = new();
    private readonly IReadOnlyList<Socket> _sockets;
    private readonly List<Task> _flows = [];
    private long _bytes;

    /// <summary>Starts to send and to receive on each of the sockets.</summary>
    /// <param name="sockets">Both ends of the connections; owned from here.</param>
    public BulkTraffic(IReadOnlyList<Socket> sockets)
    {
        _sockets = sockets;
        foreach (Socket socket in sockets)
        {
            _flows.Add(Task.Run(() => SendAsync(socket), CancellationToken.None));
            _flows.Add(Task.Run(() => ReceiveAsync(socket), CancellationToken.None));
        }
    }

    /// <summary>Payload that arrived so far, bytes.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Ends all connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_flows);
        foreach (Socket socket in _sockets)
        {
            socket.Dispose();
        }

        _stop.Dispose();
    }

    private async Task SendAsync(Socket socket)
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                await socket.SendAsync(_block, SocketFlags.None, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
        catch (SocketException)
        {
            // A connection that breaks carries no more; the count of bytes shows it.
        }
    }

    private async Task ReceiveAsync(Socket socket)
    {
        byte[] into = new byte[BlockBytes];
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                int count = await socket.ReceiveAsync(into, SocketFlags.None, _stop.Token);
                if (count == 0)
                {
                    return;
                }

                Interlocked.Add(ref _bytes, count);
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
        catch (SocketException)
        {
            // As above.
        }
    }
}

using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Lab.Networks;

namespace EdgeMesh.Lab.Traffic;

/// <summary>
/// TCP in both directions between one pod and many, as much as the connections carry, by one process: where hundreds
/// of programs would be a load of their own.
/// </summary>
public sealed class BulkTraffic : IAsyncDisposable
{
    private const int BlockBytes = 64 * 1024;

    // Sent and received by all connections: nobody looks at the bytes.
    private readonly byte[] _block = new byte[BlockBytes];
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Socket> _sockets = [];
    private readonly List<Task> _flows = [];
    private long _bytes;

    private BulkTraffic()
    {
    }

    /// <summary>Payload that arrived so far, bytes.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Connects each of the pods to the one, and starts.</summary>
    public static async Task<BulkTraffic> StartAsync(
        LabPod center, IEnumerable<LabPod> others, CancellationToken cancellation)
    {
        var traffic = new BulkTraffic();
        try
        {
            using Socket listener = center.Network.Listen(new IPEndPoint(center.Plan.Address4, 0));
            foreach (LabPod other in others)
            {
                Socket near = await other.Network.ConnectAsync((IPEndPoint)listener.LocalEndPoint!, cancellation);
                traffic._sockets.Add(near);
                traffic._sockets.Add(await listener.AcceptAsync(cancellation));
            }

            foreach (Socket socket in traffic._sockets)
            {
                traffic._flows.Add(Task.Run(() => traffic.SendAsync(socket), CancellationToken.None));
                traffic._flows.Add(Task.Run(() => traffic.ReceiveAsync(socket), CancellationToken.None));
            }

            return traffic;
        }
        catch
        {
            await traffic.DisposeAsync();
            throw;
        }
    }

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

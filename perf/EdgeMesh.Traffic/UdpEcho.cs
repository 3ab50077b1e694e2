using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.Traffic;

/// <summary>Sends each datagram back to where it came from.</summary>
public sealed class UdpEcho : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<IPAddress, long> _sources = new();
    private readonly Task _echoing;

    /// <summary>Serves a bound socket, which it owns from here.</summary>
    public UdpEcho(Socket socket)
    {
        _socket = socket;
        _socket.ReceiveBufferSize = 1 << 20;
        EndPoint = (IPEndPoint)socket.LocalEndPoint!;
        _echoing = EchoAsync();
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Datagrams by source address.</summary>
    public IReadOnlyDictionary<IPAddress, long> Sources => _sources;

    /// <summary>Ends it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _echoing;
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task EchoAsync()
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>(1 << 16);
        var any = new IPEndPoint(EndPoint.AddressFamily == AddressFamily.InterNetwork
            ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                SocketReceiveFromResult received =
                    await _socket.ReceiveFromAsync(buffer, SocketFlags.None, any, _stop.Token);
                var source = (IPEndPoint)received.RemoteEndPoint;
                _sources.AddOrUpdate(source.Address, 1, (_, count) => count + 1);
                await _socket.SendToAsync(
                    buffer.AsMemory(0, received.ReceivedBytes), SocketFlags.None, source, _stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException)
            {
                // An unreachable source must not end the echo for the others.
            }
        }
    }
}

using System;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Lab.Networks;

namespace EdgeMesh.Lab.Kubernetes;

/// <summary>
/// Passes TCP connections on, from one namespace to another, and can hold back all that comes from behind: a slow
/// server. Time passes for each piece by itself, so a delay costs no throughput.
/// </summary>
public sealed class TcpRelay : IAsyncDisposable
{
    private const int PieceBytes = 64 << 10;
    private readonly ConcurrentDictionary<Socket, bool> _open = [];
    private readonly CancellationTokenSource _end = new();
    private readonly Socket _listener;
    private readonly LabNamespace _behind;
    private readonly IPEndPoint _target;
    private readonly Task _accepting;
    private bool _isShut; // written by whoever shuts it, read for each connection
    private long _delayTicks; // written by whoever makes it slow, read for each piece

    private TcpRelay(Socket listener, LabNamespace behind, IPEndPoint target)
    {
        _listener = listener;
        _behind = behind;
        _target = target;
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndPoint!;

    /// <summary>How long each piece from behind is held back.</summary>
    public TimeSpan Delay
    {
        get => new(Interlocked.Read(ref _delayTicks));
        set => Interlocked.Exchange(ref _delayTicks, value.Ticks);
    }

    /// <summary>Whether connections are cut as soon as they are made.</summary>
    public bool IsShut
    {
        get => Volatile.Read(ref _isShut);
        set
        {
            Volatile.Write(ref _isShut, value);
            if (value)
            {
                CutAll();
            }
        }
    }

    /// <summary>Begins to listen.</summary>
    /// <param name="listener">Bound and listening; the relay's from now on.</param>
    /// <param name="behind">Where the server is.</param>
    /// <param name="target">The server.</param>
    public static TcpRelay Start(Socket listener, LabNamespace behind, IPEndPoint target) =>
        new(listener, behind, target);

    /// <summary>Cuts all connections that are open now.</summary>
    public void CutAll()
    {
        foreach (Socket socket in _open.Keys)
        {
            socket.Dispose();
        }
    }

    /// <summary>Ends it and cuts what is open.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        CutAll();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                Socket client = await _listener.AcceptAsync(_end.Token);
                if (IsShut)
                {
                    client.Dispose();
                    continue;
                }

                _ = PassAsync(client);
            }
            catch (Exception end) when (end is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // The client was gone before it was accepted.
            }
        }
    }

    private async Task PassAsync(Socket client)
    {
        Socket? server = null;
        _open[client] = true;
        try
        {
            client.NoDelay = true;
            server = await _behind.ConnectAsync(_target, _end.Token);
            server.NoDelay = true;
            _open[server] = true;
            await Task.WhenAll(CopyAsync(client, server), CopyLateAsync(server, client));
        }
        catch (Exception end) when
            (end is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Either side is gone; the other one learns it by the closed connection.
        }
        finally
        {
            _open.TryRemove(client, out _);
            client.Dispose();
            if (server is not null)
            {
                _open.TryRemove(server, out _);
                server.Dispose();
            }
        }
    }

    private async Task CopyAsync(Socket from, Socket to)
    {
        byte[] piece = new byte[PieceBytes];
        int length;
        while ((length = await from.ReceiveAsync(piece, _end.Token)) > 0)
        {
            await SendAsync(to, piece.AsMemory(0, length));
        }

        to.Shutdown(SocketShutdown.Send);
    }

    private async Task CopyLateAsync(Socket from, Socket to)
    {
        Task last = Task.CompletedTask;
        byte[] piece = new byte[PieceBytes];
        int length;
        while ((length = await from.ReceiveAsync(piece, _end.Token)) > 0)
        {
            TimeSpan delay = Delay;
            if (delay == TimeSpan.Zero)
            {
                await last;
                await SendAsync(to, piece.AsMemory(0, length));
                continue;
            }

            last = SendLaterAsync(last, to, piece.AsSpan(0, length).ToArray(), delay);
        }

        await last;
        to.Shutdown(SocketShutdown.Send);
    }

    private async Task SendLaterAsync(Task last, Socket to, byte[] piece, TimeSpan delay)
    {
        await Task.Delay(delay, _end.Token);
        await last;
        await SendAsync(to, piece);
    }

    private async Task SendAsync(Socket to, ReadOnlyMemory<byte> piece)
    {
        while (piece.Length > 0)
        {
            piece = piece[await to.SendAsync(piece, _end.Token)..];
        }
    }
}

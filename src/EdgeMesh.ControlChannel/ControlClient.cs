using System;
using System.Collections.Concurrent;
using System.IO;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.ControlChannel;

// Callers write under a lock; one task reads and hands each response to the caller that waits for its id.

/// <summary>One connection to a data plane's control socket. Reconnecting is the caller's.</summary>
/// <remarks>Safe from every thread.</remarks>
public sealed class ControlClient : IAsyncDisposable
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(10);

    private readonly NetworkStream _stream;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly ConcurrentDictionary<ulong, TaskCompletionSource<Response>> _waiting = new();
    private ulong _lastId;
    private int _disposed;

    private ControlClient(string path, Socket socket)
    {
        Path = path;
        ServerProcessId = UnixSockets.Credentials(socket).ProcessId;
        _stream = new NetworkStream(socket, ownsSocket: true);
        Closed = Task.Run(() => ReadAsync(_stop.Token));
    }

    /// <summary>Path of the socket.</summary>
    public string Path { get; }

    /// <summary>Process id of the data plane; 0 if it lives in a process namespace that isn't ours.</summary>
    public int ServerProcessId { get; }

    /// <summary>Completes, never faulted, when the connection has ended; the result says why.</summary>
    public Task<ControlChannelException> Closed { get; }

    /// <summary>Connects.</summary>
    /// <param name="path">Path of the data plane's socket.</param>
    /// <param name="timeout">How long at most.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The connection.</returns>
    /// <exception cref="ControlChannelException">Says why, and what to do.</exception>
    public static async Task<ControlClient> ConnectAsync(string path, TimeSpan timeout, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(path);
        UnixDomainSocketEndPoint endPoint = UnixSockets.EndPoint(path);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(timeout);
        try
        {
            while (true)
            {
                if (await TryConnectAsync(path, endPoint, deadline.Token) is Socket socket)
                {
                    return new ControlClient(path, socket);
                }

                await Task.Delay(RetryInterval, deadline.Token);
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new ControlChannelException(
                ControlFault.TimedOut,
                $"'{path}' took no connection within {timeout.TotalSeconds} s: see whether edgemesh-dataplane hangs");
        }
    }

    /// <summary>Sends a request and waits for its response.</summary>
    /// <param name="request">The request; its id is set here.</param>
    /// <param name="cancel">Stops waiting; the connection stays usable.</param>
    /// <returns>The response; <see cref="Response.Error"/> is set if the data plane refused.</returns>
    /// <exception cref="ControlChannelException">The connection ended, or the request is over the limit.</exception>
    public async Task<Response> SendAsync(Request request, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(request);
        ulong id = Interlocked.Increment(ref _lastId);
        request.Id = id;
        byte[] bytes = MessageWriter.Encode(request);
        var waiting = new TaskCompletionSource<Response>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[id] = waiting;
        try
        {
            if (Closed.IsCompleted)
            {
                throw await Closed;
            }

            await WriteAsync(bytes, cancel);
            return await waiting.Task.WaitAsync(cancel);
        }
        finally
        {
            _waiting.TryRemove(id, out _);
        }
    }

    /// <summary>Closes the connection.</summary>
    /// <returns>Completes when nothing of it runs any more.</returns>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _stop.CancelAsync();
        await Closed;
        await _stream.DisposeAsync();
        _stop.Dispose();
        _writing.Dispose();
    }

    // Null: the server's backlog is full. The kernel doesn't make a caller wait that doesn't block (unix(7): EAGAIN).
    private static async Task<Socket?> TryConnectAsync(
        string path, UnixDomainSocketEndPoint endPoint, CancellationToken cancel)
    {
        Socket socket = UnixSockets.Create();
        try
        {
            await socket.ConnectAsync(endPoint, cancel);
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            return e.SocketErrorCode == SocketError.WouldBlock ? null : throw UnixSockets.Explain(path, e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task WriteAsync(byte[] bytes, CancellationToken cancel)
    {
        await _writing.WaitAsync(cancel);
        try
        {
            // Half a message would spoil the stream: once begun, only the connection's own end or the timeout stops it.
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            deadline.CancelAfter(ControlLimits.MessageTimeout);
            await _stream.WriteAsync(bytes, deadline.Token);
        }
        catch (IOException)
        {
            throw await Closed;
        }
        catch (OperationCanceledException)
        {
            await _stream.DisposeAsync();
            throw new ControlChannelException(
                ControlFault.TimedOut, $"the data plane at '{Path}' takes no requests: see whether "
                    + "edgemesh-dataplane hangs");
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task<ControlChannelException> ReadAsync(CancellationToken stop)
    {
        ControlChannelException end;
        try
        {
            var reader = new MessageReader<Response>(_stream, Response.Parser);
            while (await reader.ReadAsync(stop) is Response response)
            {
                if (_waiting.TryRemove(response.Id, out TaskCompletionSource<Response>? waiting))
                {
                    waiting.TrySetResult(response);
                }
            }

            end = new ControlChannelException(ControlFault.Closed, $"the data plane at '{Path}' closed the connection");
        }
        catch (ControlChannelException e)
        {
            end = e;
        }
        catch (OperationCanceledException e)
        {
            end = new ControlChannelException(ControlFault.Closed, "the connection was closed on this side", e);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            end = new ControlChannelException(ControlFault.Closed, $"the connection to '{Path}' broke: {e.Message}", e);
        }

        _ = Task.Run(() => FailAllAsync(end), CancellationToken.None);
        return end;
    }

    // After Closed has completed, so that a request that was entered too late for this sees Closed instead.
    private async Task FailAllAsync(ControlChannelException end)
    {
        await Closed;
        foreach (TaskCompletionSource<Response> waiting in _waiting.Values)
        {
            waiting.TrySetException(end);
        }
    }
}

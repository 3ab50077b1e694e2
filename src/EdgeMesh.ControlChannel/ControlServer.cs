using System;
using System.Collections.Concurrent;
using System.IO;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.ControlChannel;

// One task accepts; each connection has a task of its own that reads, calls the handler and writes, one request after
// the other. All of them run on the thread pool.

/// <summary>The data plane's end of the control channel.</summary>
/// <remarks>
/// Only root and the user the server runs as may call. What one connection does wrong ends that connection only. The
/// handler is called on the thread pool, one request of a connection at a time, requests of several connections side by
/// side; it hops to where its state lives. It refuses by <see cref="RequestRefusedException"/>; id and error of the
/// response are filled in here.
/// </remarks>
public sealed class ControlServer : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly Func<Request, ControlCaller, CancellationToken, ValueTask<Response>> _handler;
    private readonly Action<ControlServerEvent> _report;
    private readonly uint _ownUser;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<long, Task> _connections = new();
    private readonly Task _accepting;
    private long _connectionsAccepted;
    private long _connectionsRefused;
    private long _requests;
    private long _malformed;
    private int _controls;
    private int _disposed;

    private ControlServer(
        string path,
        Socket listener,
        Func<Request, ControlCaller, CancellationToken, ValueTask<Response>> handler,
        Action<ControlServerEvent> report)
    {
        Path = path;
        _listener = listener;
        _handler = handler;
        _report = report;
        _ownUser = UnixSockets.Credentials(listener).UserId;
        _accepting = Task.Run(() => AcceptAsync(_stop.Token));
    }

    /// <summary>Path of the socket.</summary>
    public string Path { get; }

    /// <summary>Does a connection that has sent a snapshot or a delta exist now?</summary>
    public bool IsControlConnected => Volatile.Read(ref _controls) > 0;

    /// <summary>Connections now.</summary>
    public int Connections => _connections.Count;

    /// <summary>Connections that were taken, ever.</summary>
    public long ConnectionsAccepted => Volatile.Read(ref _connectionsAccepted);

    /// <summary>Connections closed at once: a wrong user, or too many of them.</summary>
    public long ConnectionsRefused => Volatile.Read(ref _connectionsRefused);

    /// <summary>Requests handled.</summary>
    public long Requests => Volatile.Read(ref _requests);

    /// <summary>Connections ended because they sent what is no message, too long a message, or none in time.</summary>
    public long Malformed => Volatile.Read(ref _malformed);

    /// <summary>
    /// Binds the path (mode 0600) and serves until disposed. A socket file nobody listens at is replaced.
    /// </summary>
    /// <param name="path">Where the socket is to be.</param>
    /// <param name="handler">Answers requests.</param>
    /// <param name="report">Gets what operators should know, on any thread; must not throw.</param>
    /// <returns>The running server.</returns>
    /// <exception cref="ControlChannelException">The path can't be used; says why and what to do.</exception>
    public static ControlServer Start(
        string path,
        Func<Request, ControlCaller, CancellationToken, ValueTask<Response>> handler,
        Action<ControlServerEvent> report)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(handler);
        ArgumentNullException.ThrowIfNull(report);
        UnixDomainSocketEndPoint endPoint = UnixSockets.EndPoint(path);
        MakeRoom(path, endPoint);
        Socket listener = UnixSockets.Create();
        try
        {
            listener.Bind(endPoint);
            // Nobody can connect before Listen, so the mode is in force before anyone gets in.
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            listener.Listen(ControlLimits.Backlog);
            return new ControlServer(path, listener, handler, report);
        }
        catch (SocketException e)
        {
            listener.Dispose();
            throw e.SocketErrorCode == SocketError.AddressNotAvailable
                ? new ControlChannelException(
                    ControlFault.PathTaken, $"the directory of '{path}' does not exist: make it, or choose another "
                        + "--socket", e)
                : UnixSockets.Explain(path, e);
        }
    }

    /// <summary>Ends all connections and removes the socket.</summary>
    /// <returns>Completes when nothing of the server runs any more.</returns>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _stop.CancelAsync();
        await _accepting;
        await Task.WhenAll(_connections.Values);
        _listener.Dispose(); // removes the file it has bound
        _stop.Dispose();
    }

    private static void MakeRoom(string path, UnixDomainSocketEndPoint endPoint)
    {
        if (!File.Exists(path))
        {
            return;
        }

        using (Socket probe = UnixSockets.Create())
        {
            try
            {
                probe.Connect(endPoint);
                throw new ControlChannelException(
                    ControlFault.PathTaken,
                    $"process {UnixSockets.Credentials(probe).ProcessId} serves '{path}': stop it, or choose another "
                        + "--socket");
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
            {
                // Nobody listens, or it is no socket.
            }
            catch (SocketException e)
            {
                throw UnixSockets.Explain(path, e);
            }
        }

        if (IsOpenable(path))
        {
            throw new ControlChannelException(
                ControlFault.PathTaken, $"'{path}' exists and is no socket: remove it, or choose another --socket");
        }

        File.Delete(path);
    }

    // The kernel opens no sockets by name (ENXIO), everything else it does; read and write together don't wait at a
    // FIFO.
    private static bool IsOpenable(string path)
    {
        try
        {
            File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite).Dispose();
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private async Task AcceptAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptAsync(stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException e)
            {
                // Out of descriptors or memory: the caller's connection fails, later ones may not.
                _report(new ControlServerEvent.AcceptFailed(e.SocketErrorCode));
                await Task.Delay(TimeSpan.FromMilliseconds(100), CancellationToken.None);
                continue;
            }

            Admit(socket, stop);
        }
    }

    private void Admit(Socket socket, CancellationToken stop)
    {
        (int processId, uint userId) = UnixSockets.Credentials(socket);
        bool isAllowed = userId == 0 || userId == _ownUser;
        if (!isAllowed || _connections.Count >= ControlLimits.ConnectionsMax)
        {
            Interlocked.Increment(ref _connectionsRefused);
            _report(new ControlServerEvent.ConnectionRefused(processId, userId, IsCrowded: isAllowed));
            socket.Dispose();
            return;
        }

        long number = Interlocked.Increment(ref _connectionsAccepted);
        var caller = new ControlCaller(number, processId, userId);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _connections[number] = ServeAsync(socket, caller, started.Task, stop);
        started.SetResult();
    }

    private async Task ServeAsync(Socket socket, ControlCaller caller, Task started, CancellationToken stop)
    {
        await started; // so that the entry removed below is there
        try
        {
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            await AnswerAllAsync(stream, caller, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The server ends.
        }
        catch (ControlChannelException e)
        {
            Interlocked.Increment(ref _malformed);
            _report(new ControlServerEvent.ConnectionEnded(caller.ProcessId, e.Message, IsCallersFault: true));
        }
        catch (IOException e)
        {
            _report(new ControlServerEvent.ConnectionEnded(caller.ProcessId, e.Message, IsCallersFault: false));
        }
#pragma warning disable CA1031 // here a connection ends, whatever its handler threw
        catch (Exception e)
#pragma warning restore CA1031
        {
            _report(new ControlServerEvent.RequestFailed(caller.ProcessId, e));
        }
        finally
        {
            if (caller.IsControl)
            {
                Interlocked.Decrement(ref _controls);
            }

            _connections.TryRemove(caller.Connection, out _);
        }
    }

    private async Task AnswerAllAsync(NetworkStream stream, ControlCaller caller, CancellationToken stop)
    {
        var reader = new MessageReader<Request>(stream, Request.Parser);
        while (await reader.WaitAsync(stop))
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stop);
            deadline.CancelAfter(ControlLimits.MessageTimeout);
            Request? request = await InTimeAsync(reader.ReadAsync(deadline.Token), "send", stop);
            if (request is null)
            {
                return;
            }

            Response response = await AnswerAsync(request, caller, stop);
            using var sending = CancellationTokenSource.CreateLinkedTokenSource(stop);
            sending.CancelAfter(ControlLimits.MessageTimeout);
            await InTimeAsync(SendAsync(stream, response, sending.Token), "take", stop);
        }
    }

    private static async ValueTask<bool> SendAsync(NetworkStream stream, Response response, CancellationToken cancel)
    {
        await MessageWriter.WriteAsync(stream, response, cancel);
        return true;
    }

    private static async ValueTask<T> InTimeAsync<T>(ValueTask<T> work, string verb, CancellationToken stop)
    {
        try
        {
            return await work;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new ControlChannelException(
                ControlFault.TimedOut, $"the caller did not {verb} a message within "
                    + $"{ControlLimits.MessageTimeout.TotalSeconds} s");
        }
    }

    private async ValueTask<Response> AnswerAsync(Request request, ControlCaller caller, CancellationToken stop)
    {
        bool isApply = request.BodyCase is Request.BodyOneofCase.ApplySnapshot or Request.BodyOneofCase.ApplyDelta;
        if (isApply && caller.MarkControl())
        {
            Interlocked.Increment(ref _controls);
        }

        Interlocked.Increment(ref _requests);
        Response response;
        try
        {
            response = request.BodyCase == Request.BodyOneofCase.None
                ? throw new RequestRefusedException(
                    ErrorCode.Unsupported, "this data plane does not know the request: update edgemesh-dataplane")
                : await _handler(request, caller, stop);
        }
        catch (RequestRefusedException e)
        {
            response = new Response { Error = new Error { Code = e.Code, Message = e.Message } };
        }

        response.Id = request.Id;
        return response;
    }
}

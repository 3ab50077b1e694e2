using System;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Threading;
using EdgeMesh.Perf.Measuring.Protocol;
using EdgeMesh.Traffic;

namespace EdgeMesh.Perf.Measuring.Serving;

/// <summary>
/// The other end of every measurement. Whatever a connection sends ends that connection or its session at worst.
/// </summary>
/// <remarks>
/// Threads: the caller's accepts. Each new connection is greeted on a thread of the pool, at most
/// <see cref="MeasuringLimits.StrangersMax"/> at once; a control connection keeps that thread for its session, and the
/// session's flows have threads of their own.
/// </remarks>
internal sealed class PerfServer : IDisposable
{
    private const int Backlog = 512; // crr opens thousands of connections per second

    private readonly ServerOptions _options;
    private readonly Action<string> _log;
    private readonly Socket _listener;
    private readonly ConcurrentDictionary<ulong, ServerSession> _sessions = new();
    private readonly StopFlag _stop = new();
    private int _strangers;
    private int _streams;
    private int _sessionCount;

    /// <summary>Listens.</summary>
    /// <exception cref="PerfException">The address or port can't be had.</exception>
    public PerfServer(ServerOptions options, Action<string> log)
    {
        _options = options;
        _log = log;

        // Greeting and sessions wait in the kernel: the pool must not ration them by the number of cores.
        ThreadPool.GetMinThreads(out _, out int completions);
        ThreadPool.SetMinThreads(MeasuringLimits.StrangersMax + options.SessionsMax, completions);
        _listener = new Socket(options.Listen.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (options.Listen.Address.Equals(IPAddress.IPv6Any))
            {
                _listener.DualMode = true;
            }

            _listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            _listener.Bind(options.Listen);
            _listener.Listen(Backlog);
        }
        catch (SocketException e)
        {
            _listener.Dispose();
            throw new PerfException(
                $"can't listen on {options.Listen} ({e.Message}); choose another address with --listen", e);
        }
    }

    /// <summary>Where it listens, with the port it was given.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndPoint!;

    /// <summary>Serves until told to stop, or the only session has ended.</summary>
    public void Run(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested && !_stop.IsSet)
        {
            if (!_listener.Poll(StopFlag.LookMillis * 1000, SelectMode.SelectRead))
            {
                continue;
            }

            Socket socket;
            try
            {
                socket = _listener.Accept();
            }
            catch (SocketException)
            {
                continue; // it gave up while it was queued
            }

            if (Interlocked.Increment(ref _strangers) > MeasuringLimits.StrangersMax)
            {
                Interlocked.Decrement(ref _strangers);
                socket.Dispose();
                continue;
            }

            ThreadPool.UnsafeQueueUserWorkItem(Greet, socket, preferLocal: false);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Set();
        foreach (ServerSession session in _sessions.Values)
        {
            session.Abort();
        }

        _listener.Dispose();
    }

    // Owns the socket. What a stranger does may end nothing but this connection.
    private void Greet(Socket socket)
    {
        bool isStranger = true;
        try
        {
            Span<byte> bytes = stackalloc byte[Preamble.SizeBytes];
            socket.NoDelay = true;
            if (!Greeting.TryRead(socket, bytes, out Preamble preamble))
            {
                socket.Dispose();
                return;
            }

            if (preamble.Role == ConnectionRole.Control)
            {
                Interlocked.Decrement(ref _strangers);
                isStranger = false; // a session has limits of its own
                Serve(socket);
            }
            else if (!_sessions.TryGetValue(preamble.Token, out ServerSession? session)
                || !session.TryTake(socket, preamble))
            {
                socket.Dispose();
            }
        }
        catch (Exception e)
        {
            // The end of a thread: a stranger's connection must not end the server.
            socket.Dispose();
            _log($"a connection ended: {e.Message}");
        }
        finally
        {
            if (isStranger)
            {
                Interlocked.Decrement(ref _strangers);
            }
        }
    }

    private void Serve(Socket socket)
    {
        string from = socket.RemoteEndPoint?.ToString() ?? "?";
        using var control = new ControlConnection(socket);
        try
        {
            MeasurementRequest request = control.Receive(MeasuringLimits.WordTime).Request
                ?? throw new ProtocolException("the first message is not a request");
            int sessions = Interlocked.Increment(ref _sessionCount);
            int streams = Interlocked.Add(ref _streams, request.Streams);
            try
            {
                if (Refusal(request, sessions, streams) is not string refusal)
                {
                    Measure(socket, control, request, from);
                    return;
                }

                control.Send(new ControlMessage { Word = MessageWord.Refusal, Refusal = refusal });
                _log($"{from}: refused: {refusal}");
            }
            finally
            {
                Interlocked.Decrement(ref _sessionCount);
                Interlocked.Add(ref _streams, -request.Streams);
            }
        }
        catch (Exception e) when (e is ProtocolException or PerfException or SocketException)
        {
            _log($"{from}: the session ended: {e.Message}");
        }
    }

    private void Measure(Socket socket, ControlConnection control, MeasurementRequest request, string from)
    {
        var local = (IPEndPoint)socket.LocalEndPoint!;
        var remote = (IPEndPoint)socket.RemoteEndPoint!;
        using var session = new ServerSession(control, request, RandomToken(), local, remote.Address, _stop);
        _sessions[session.Token] = session;
        try
        {
            _log($"{from}: {request.Test}, {request.Streams} streams, {request.DurationMillis / 1000.0:0.#} s");
            session.Run();
        }
        finally
        {
            _sessions.TryRemove(session.Token, out _);
            if (_options.IsOnce)
            {
                _stop.Set();
            }
        }
    }

    private string? Refusal(MeasurementRequest request, int sessions, int streams)
    {
        double seconds = (request.DurationMillis + (double)request.OmitMillis) / 1000;
        return this switch
        {
            _ when sessions > _options.SessionsMax =>
                $"the server has {_options.SessionsMax} sessions, its limit; try again when one has ended",
            _ when streams > MeasuringLimits.StreamsOfServerMax =>
                $"all sessions together may have {MeasuringLimits.StreamsOfServerMax} streams; ask for fewer",
            _ when seconds > _options.DurationMax.TotalSeconds =>
                $"{seconds:0.#} s is too long for this server; ask for at most "
                    + $"{_options.DurationMax.TotalSeconds:0.#} s, "
                + "or start it with a larger --duration-max",
            _ => null,
        };
    }

    private static ulong RandomToken() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
}

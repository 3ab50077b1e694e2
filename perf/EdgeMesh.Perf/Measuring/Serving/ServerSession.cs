using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using EdgeMesh.Perf.Measuring.Protocol;
using EdgeMesh.Perf.Measuring.Flows;
using EdgeMesh.Traffic;

namespace EdgeMesh.Perf.Measuring.Serving;

/// <summary>One client's measurement, from its request to the outcome.</summary>
/// <remarks>
/// The control connection's thread runs it. Other connections of the session come from greeting threads through
/// <see cref="TryTake"/>.
/// </remarks>
internal sealed class ServerSession : IDisposable
{
    private readonly ControlConnection _control;
    private readonly IPEndPoint _local;
    private readonly StopFlag _serverStop;
    private readonly UdpMeeting? _udp;
    private readonly Lock _gate = new();
    private readonly Socket?[] _up;   // under the gate, until the traffic owns them
    private readonly Socket?[] _down;
    private readonly ConnectAnswers _answers;
    private volatile bool _isAborted;

    /// <summary>Prepares a session.</summary>
    /// <param name="control">Its control connection; stays the caller's.</param>
    /// <param name="request">What the client asked for, already checked.</param>
    /// <param name="token">What its connections and datagrams show.</param>
    /// <param name="local">This end of the control connection.</param>
    /// <param name="client">Whose datagrams may open a way back.</param>
    /// <param name="serverStop">Ends the server.</param>
    public ServerSession(
        ControlConnection control,
        MeasurementRequest request,
        ulong token,
        IPEndPoint local,
        IPAddress client,
        StopFlag serverStop)
    {
        (_control, Request, Token, _local, _serverStop) = (control, request, token, local, serverStop);
        _up = new Socket?[!request.IsUdp && request.HasUp && request.Test != TestKind.TcpConnect ? request.Streams : 0];
        _down = new Socket?[!request.IsUdp && request.HasDown ? request.Streams : 0];
        _answers = new ConnectAnswers(request);
        _udp = request.IsUdp ? new UdpMeeting(_local, request, token, client) : null;
    }

    /// <summary>What its connections and datagrams show.</summary>
    public ulong Token { get; }

    /// <summary>What is measured.</summary>
    public MeasurementRequest Request { get; }

    /// <summary>Ends it soon, from any thread.</summary>
    public void Abort() => _isAborted = true;

    /// <summary>Takes a connection, and answers it at once if it is one of crr.</summary>
    /// <returns>False if the session has no place for it: the connection stays the caller's.</returns>
    public bool TryTake(Socket socket, Preamble preamble)
    {
        if (Request.Test == TestKind.TcpConnect)
        {
            return _answers.Answer(socket);
        }

        Socket?[] places = preamble.Role == ConnectionRole.ServerToClient ? _down : _up;
        lock (_gate)
        {
            if (_isAborted || preamble.Stream >= places.Length || places[preamble.Stream] is not null)
            {
                return false;
            }

            places[preamble.Stream] = socket;
            return true;
        }
    }

    /// <summary>Runs it to the end.</summary>
    /// <exception cref="ProtocolException">The client broke the protocol, or is gone.</exception>
    public void Run()
    {
        _control.Send(new ControlMessage
        {
            Word = MessageWord.Grant,
            Grant = new MeasurementGrant { Token = Token, UdpPort = _udp?.Port ?? 0, Version = ProductVersion.Text },
        });
        Expect(MessageWord.Start, MeasuringLimits.WordTime + MeasuringLimits.WordTime);
        AwaitConnections();
        using TrafficSide traffic = MakeTraffic();
        var run = new TrafficRun(traffic, Request);
        run.Measure(until =>
        {
            // The client's next word ends the measurement, whatever it is; so does its end.
            bool isOver = _control.Wait(until) || _serverStop.IsSet || _isAborted;
            PreciseSleep.Until(isOver ? 0 : until);
            return !isOver;
        },
        onStarted: () => _control.Send(new ControlMessage { Word = MessageWord.Started }));
        Finish(traffic);
        _control.Send(new ControlMessage { Word = MessageWord.Outcome, Outcome = run.Outcome() });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _isAborted = true;
            foreach (Socket? socket in _up.Concat(_down))
            {
                socket?.Dispose();
            }
        }

        _udp?.Dispose();
        _answers.Dispose();
    }

    // The client's word ends both directions. What goes down must not end by the server's clock: the client's time
    // began later, and the end of it would be empty.
    private void Finish(TrafficSide traffic)
    {
        Expect(MessageWord.Finish, MeasuringLimits.WordTime + MeasuringLimits.WordTime);
        traffic.StopSending();
        if (Request.IsUdp)
        {
            Drain(traffic);
        }

        traffic.StopReceiving();
    }

    private static void Drain(TrafficSide traffic)
    {
        const int QuietMillis = 100;
        long deadline = MonotonicTime.Now + MonotonicTime.Of(MeasuringLimits.DrainTime);
        long before = -1;
        while (MonotonicTime.Now < deadline)
        {
            traffic.Refresh();
            long now = traffic.Received.Sum(flow => flow.Packets);
            if (now == before)
            {
                return;
            }

            before = now;
            PreciseSleep.Until(MonotonicTime.Now + (QuietMillis * MonotonicTime.Millisecond));
        }
    }

    private TrafficSide MakeTraffic()
    {
        lock (_gate)
        {
            return Request.Test switch
            {
                TestKind.TcpBulk => new TcpTraffic(Request, Present(_down), Present(_up)),
                TestKind.TcpRoundTrip => new TcpAnswers(Request, Present(_up)),
                TestKind.UdpBulk => _udp!.MakeTraffic(),
                TestKind.UdpRoundTrip => new UdpAnswers(Request, Token, _udp!.Take()),
                TestKind.TcpConnect => _answers,
                _ => throw new ProtocolException("an unknown test"),
            };
        }
    }

    private static List<Socket> Present(Socket?[] sockets)
    {
        List<Socket> present = [.. sockets.Select(socket => socket!)];
        Array.Clear(sockets); // the traffic owns them now
        return present;
    }

    // The client has opened all before it said so; the greeting of the last may still be under way.
    private void AwaitConnections()
    {
        long deadline = MonotonicTime.Now + MonotonicTime.Of(MeasuringLimits.WordTime);
        while (!IsComplete())
        {
            if (MonotonicTime.Now > deadline || _serverStop.IsSet)
            {
                throw new ProtocolException("not all connections of the session arrived");
            }

            PreciseSleep.Until(MonotonicTime.Now + MonotonicTime.Millisecond);
        }
    }

    private bool IsComplete()
    {
        if (_udp is not null)
        {
            return _udp.IsComplete();
        }

        lock (_gate)
        {
            return _up.Concat(_down).All(socket => socket is not null);
        }
    }

    private void Expect(MessageWord word, TimeSpan limit)
    {
        if (_control.Receive(limit).Word != word)
        {
            throw new ProtocolException($"the client said something other than {word}");
        }
    }
}

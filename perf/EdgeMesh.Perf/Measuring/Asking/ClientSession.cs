using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using EdgeMesh.Perf.Measuring.Flows;
using EdgeMesh.Perf.Measuring.Protocol;
using EdgeMesh.Traffic;

namespace EdgeMesh.Perf.Measuring.Asking;

/// <summary>The client's end of a session. Everything that goes wrong is a <see cref="PerfException"/>.</summary>
internal sealed class ClientSession : IDisposable
{
    private readonly PerfTarget _target;
    private readonly MeasurementRequest _request;
    private readonly Socket _socket;
    private readonly ControlConnection _control;
    private readonly MeasurementGrant _grant;

    /// <summary>Connects and asks.</summary>
    /// <exception cref="PerfException">Nothing listens there, something else does, or the server refuses.</exception>
    public ClientSession(PerfTarget target, MeasurementRequest request)
    {
        _target = target;
        _request = request;
        _socket = Connect(new Preamble(ConnectionRole.Control, 0, 0));
        _control = new ControlConnection(_socket);
        try
        {
            _grant = Ask(new ControlMessage { Word = MessageWord.Request, Request = request }) switch
            {
                { Word: MessageWord.Grant, Grant: { } grant } => grant,
                { Word: MessageWord.Refusal, Refusal: { } refusal } =>
                    throw new PerfException($"{target.Name} refuses: {PlainText.Of(refusal)}"),
                _ => throw Broken("it answered something else"),
            };
        }
        catch
        {
            _control.Dispose();
            throw;
        }
    }

    /// <summary>What the session's datagrams show.</summary>
    public ulong Token => _grant.Token;

    /// <summary>Version of the server's program.</summary>
    public string ServerVersion => _grant.Version;

    /// <summary>This end's address.</summary>
    public IPAddress LocalAddress => ((IPEndPoint)_socket.LocalEndPoint!).Address;

    /// <summary>The machine's congestion control, as the control connection has it.</summary>
    public string Congestion => TcpOptions.ReadCongestion(_socket);

    /// <summary>Opens the session's connections of a role.</summary>
    public IReadOnlyList<Socket> OpenStreams(ConnectionRole role) =>
        [.. Enumerable.Range(0, _request.Streams).Select(stream => Connect(new Preamble(role, (ushort)stream, Token)))];

    /// <summary>Opens the session's datagram sockets, one per stream.</summary>
    public IReadOnlyList<Socket> OpenDatagrams() => [.. Enumerable.Range(0, _request.Streams).Select(_ =>
    {
        var socket = new Socket(_target.EndPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        ReceiveBuffer.Grow(socket);
        socket.Connect(new IPEndPoint(_target.EndPoint.Address, _grant.UdpPort));
        return socket;
    })];

    /// <summary>One connection of crr: connects and shows the token.</summary>
    public void WritePreamble(Span<byte> bytes) => new Preamble(ConnectionRole.ClientToServer, 0, Token).Write(bytes);

    /// <summary>Says that all stands, and waits until the server's time runs.</summary>
    /// <param name="introduce">Sends what opens the way back, again and again until the server has it.</param>
    public void Start(Action? introduce = null)
    {
        Guard(() =>
        {
            introduce?.Invoke();
            _control.Send(new ControlMessage { Word = MessageWord.Start });
            long deadline = MonotonicTime.Now + MonotonicTime.Of(MeasuringLimits.WordTime);
            while (introduce is not null && MonotonicTime.Now < deadline
                && !_control.Wait(MonotonicTime.Now + (StopFlag.LookMillis * MonotonicTime.Millisecond)))
            {
                introduce();
            }

            if (_control.Receive(MeasuringLimits.WordTime + MeasuringLimits.WordTime).Word != MessageWord.Started)
            {
                throw new ProtocolException("it did not start");
            }
        });
    }

    /// <summary>Whether the server has said something, or is gone: nothing it should do while traffic runs.</summary>
    public bool IsInterrupted => _control.Wait(0) && !_isOver;

    /// <summary>Says that the last was sent, and gets what the server counted.</summary>
    public SideOutcome Finish()
    {
        _isOver = true;
        TimeSpan limit = MeasuringLimits.WordTime + MeasuringLimits.DrainTime + MeasuringLimits.WordTime;
        SideOutcome? outcome = null;
        Guard(() =>
        {
            _control.Send(new ControlMessage { Word = MessageWord.Finish });
            outcome = _control.Receive(limit).Outcome;
        });
        return outcome ?? throw Broken("it did not say what it counted");
    }

    /// <inheritdoc/>
    public void Dispose() => _control.Dispose();

    private bool _isOver;

    private Socket Connect(Preamble preamble)
    {
        var socket = new Socket(_target.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            // On Linux a blocking connect ends with the time to send (socket(7), SO_SNDTIMEO).
            socket.SendTimeout = (int)MeasuringLimits.WordTime.TotalMilliseconds;
            socket.Connect(_target.EndPoint);
            byte[] bytes = new byte[Preamble.SizeBytes];
            preamble.Write(bytes);
            socket.Send(bytes);
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new PerfException(
                $"{_target.EndPoint} can't be reached ({e.Message}); "
                + "start 'edgemesh-perf server' there, and open its port in firewalls", e);
        }
    }

    private ControlMessage Ask(ControlMessage message)
    {
        ControlMessage? answer = null;
        Guard(() =>
        {
            _control.Send(message);
            answer = _control.Receive(MeasuringLimits.WordTime);
        });
        return answer!;
    }

    private void Guard(Action exchange)
    {
        try
        {
            exchange();
        }
        catch (ProtocolException e)
        {
            throw Broken(e.Message, e);
        }
        catch (SocketException e)
        {
            throw Broken(e.Message, e);
        }
    }

    private PerfException Broken(string what, Exception? inner = null) => new(
        $"{_target.EndPoint} is not an edgemesh-perf server of this version, or it ended: {what}; "
        + "see what the server printed, and use the same version at both ends",
        inner);
}

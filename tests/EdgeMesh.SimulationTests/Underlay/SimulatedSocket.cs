using System;
using System.Collections.Generic;
using System.Net;
using EdgeMesh.Packets;

namespace EdgeMesh.SimulationTests.Underlay;

/// <summary>The kernel's end of a connection: buffers, what is on its way, and when the kernel gives up.</summary>
/// <remarks><code>
///   process -> unsent (bounded) -> line (bandwidth) -> on its way (delay, loss, cuts) -> received (bounded) -> process
///                                                       ^ at most what the far end's receive buffer has room for
/// </code>
/// A kernel answers whether or not its process runs: acknowledgements, probes and resets come from here.
/// </remarks>
internal sealed class SimulatedSocket
{
    private readonly SimulatedWorld _world;
    private readonly SimulatedHost _host;
    private readonly SimulatedHost _farHost;
    private readonly SimulatedPath _out;
    private readonly SimulatedPath _back;
    private readonly Random _random;
    private readonly bool _isWindowOpen;
    private readonly ByteQueue _received = new();
    private readonly ByteQueue _unsent = new();
    private readonly Queue<SocketPiece> _onTheWay = new();
    private Instant _lastArrival;
    private TimeSpan _retransmission = SocketLimits.RetransmissionMin;
    private int _unacknowledged;
    private bool _isPumpPlanned;
    private bool _isArrivalPlanned;
    private bool _endIsQueued;
    private bool _endIsSent;

    public SimulatedSocket(SimulatedHost host, IPEndPoint local, SimulatedHost farHost, IPEndPoint remote)
    {
        _world = host.World;
        _host = host;
        _farHost = farHost;
        _out = _world.Network.Path(host, farHost);
        _back = _world.Network.Path(farHost, host);
        _random = _world.Network.Random;
        _isWindowOpen = _random.Next(2) == 0;
        Local = local;
        Remote = remote;
        HeardAt = _world.Now;
        host.Add(this);
        new SocketKeepAlive(this, host, farHost).Start();
    }

    public IPEndPoint Local { get; }

    public IPEndPoint Remote { get; }

    public SocketEnd End { get; private set; }

    /// <summary>The far end, once they are joined.</summary>
    public SimulatedSocket? Peer { get; private set; }

    /// <summary>Whether the kernel still looks after it.</summary>
    public bool IsAlive => End is SocketEnd.None or SocketEnd.Closed;

    /// <summary>When anything of the far kernel was last heard.</summary>
    public Instant HeardAt { get; private set; }

    /// <summary>Whether the far end has not yet acknowledged all that the process sent.</summary>
    public bool IsWaiting => _unsent.Count + _unacknowledged > 0;

    /// <summary>When such bytes began to wait, or some were last acknowledged.</summary>
    public Instant ProgressAt { get; private set; }

    public bool HasUnsent => _unsent.Count > 0;

    /// <summary>Bytes that the process has not read.</summary>
    public int ReceivedBytes => _received.Count;

    /// <summary>The far end sends nothing more, and all it sent is here.</summary>
    public bool IsEndReceived { get; private set; }

    public long BufferedBytes => _received.Count + _unsent.Count;

    /// <summary>Room of the receive buffer; what is on its way and what is unread never need more.</summary>
    public int ReceiveBytesMax { get; set; } = 256 * 1024;

    /// <summary>Bytes that may wait unsent: what TCP_NOTSENT_LOWAT allows.</summary>
    public int UnsentBytesMax { get; set; } = 128 * 1024;

    /// <summary>The connection of a loop that has this socket; null while it is between two loops.</summary>
    public SimulatedConnection? Owner { get; set; }

    /// <summary>The two ends of one connection.</summary>
    public static void Join(SimulatedSocket one, SimulatedSocket other)
    {
        one.Peer = other;
        other.Peer = one;
    }

    /// <summary>Takes bytes to send.</summary>
    /// <returns>How many; fewer than there are if the buffer is full, 0 if it broke.</returns>
    public int Send(ReadOnlySpan<byte> bytes)
    {
        // What the far end has room for leaves at once, if the congestion window is open: it is not unsent.
        int room = UnsentBytesMax - _unsent.Count + (_isWindowOpen ? Math.Max(0, WindowBytes) : 0);
        int taken = End == SocketEnd.None ? Math.Min(bytes.Length, Math.Max(0, room)) : 0;
        if (taken > 0)
        {
            if (!IsWaiting)
            {
                ProgressAt = _world.Now;
            }

            _unsent.Add(bytes[..taken]);
            PlanPump(_world.Now);
        }

        return taken;
    }

    /// <summary>Gives the process what came.</summary>
    public int Receive(Span<byte> buffer)
    {
        int taken = _received.Take(buffer);
        if (taken > 0)
        {
            Peer?.WindowOpened();
        }

        return taken;
    }

    /// <summary>Nothing more is sent.</summary>
    public void ShutDown()
    {
        _endIsQueued = true;
        PlanPump(_world.Now);
    }

    /// <summary>The process closed it.</summary>
    /// <param name="isReset">What is unsent is lost, and the far end is told so.</param>
    public void Close(bool isReset)
    {
        Owner = null;
        if (End != SocketEnd.None)
        {
            Forget();
            return;
        }

        // Linux resets where bytes were not read (RFC 2525 section 2.17).
        if (isReset || _received.Count > 0)
        {
            _world.Trace("resets", Describe());
            SendReset();
            Forget();
            return;
        }

        _world.Trace("closes", Describe(), _unsent.Count);
        End = SocketEnd.Closed;
        ShutDown();
    }

    /// <summary>The process died.</summary>
    public void CloseByKernel() => Close(isReset: _random.Next(4) == 0);

    /// <summary>The kernel knows it no longer; nobody is told.</summary>
    public void Forget()
    {
        End = SocketEnd.Gone;
        Owner = null;
        _received.Clear();
        _unsent.Clear();
        _host.Remove(this);
    }

    /// <summary>Something of the far kernel was heard.</summary>
    public void NoteHeard() => HeardAt = _world.Now;

    /// <summary>The kernel gives up.</summary>
    public void Fail(SocketEnd end)
    {
        if (End == SocketEnd.Closed)
        {
            Forget();
        }
        else if (End == SocketEnd.None)
        {
            _world.Trace(end == SocketEnd.Reset ? "is reset" : "times out", Describe());
            End = end;
            _unsent.Clear();
            _onTheWay.Clear();
            Owner?.HandleReadable();
            Owner?.HandleWritable();
        }
    }

    private int WindowBytes =>
        Peer is null ? 0 : Peer.ReceiveBytesMax - Peer.ReceivedBytes - _unacknowledged;

    private string Describe() => _world.IsTraced ? $"{Local}>{Remote}" : _host.Name;

    private void WindowOpened() => PlanPump(_back.SendControl(_world.Now));

    private void PlanPump(Instant due)
    {
        if (!_isPumpPlanned && Peer is not null)
        {
            _isPumpPlanned = true;
            _world.At(due, static state => ((SimulatedSocket)state!).Pump(), this);
        }
    }

    private void Pump()
    {
        _isPumpPlanned = false;
        if (!IsAlive || Peer is null)
        {
            return;
        }

        if (_out.LineFreeAt > _world.Now)
        {
            PlanPump(_out.LineFreeAt);
            return;
        }

        int length = Math.Min(Math.Min(_unsent.Count, WindowBytes), _random.Next(1, _out.Conditions.PieceBytesMax + 1));
        if (length > 0)
        {
            byte[] bytes = new byte[length];
            _unsent.Take(bytes);
            _unacknowledged += length;
            Put(bytes, isEnd: false, isReset: false);
            PlanPump(_out.LineFreeAt);
            Owner?.HandleWritable();
        }
        else if (_endIsQueued && !_endIsSent && _unsent.Count == 0)
        {
            _endIsSent = true;
            Put([], isEnd: true, isReset: false);
        }
    }

    private void SendReset()
    {
        if (Peer is not null && !_host.IsDown)
        {
            Put([], isEnd: false, isReset: true);
        }
    }

    private void Put(byte[] bytes, bool isEnd, bool isReset)
    {
        Instant arrival = _out.Send(_world.Now, bytes.Length);
        _lastArrival = arrival > _lastArrival ? arrival : _lastArrival;
        _onTheWay.Enqueue(new SocketPiece(bytes, isEnd, isReset, _lastArrival));
        PlanArrival();
    }

    private void PlanArrival()
    {
        if (!_isArrivalPlanned && _onTheWay.TryPeek(out SocketPiece next))
        {
            _isArrivalPlanned = true;
            Instant due = next.Arrival > _out.StalledUntil ? next.Arrival : _out.StalledUntil;
            _world.At(due, static state => ((SimulatedSocket)state!).Arrive(), this);
        }
    }

    private void Arrive()
    {
        _isArrivalPlanned = false;
        if (_onTheWay.Count == 0)
        {
            return; // the kernel gave up meanwhile
        }

        if (_out.StalledUntil > _world.Now)
        {
            PlanArrival();
            return;
        }

        if (_out.IsCut || _farHost.IsDown)
        {
            // Lost, and sent again until this kernel gives up or is gone.
            if (IsAlive && !_host.IsDown)
            {
                _isArrivalPlanned = true;
                _world.At(_world.Now + _retransmission, static state => ((SimulatedSocket)state!).Arrive(), this);
                _retransmission = _retransmission * 2 < SocketLimits.RetransmissionMax
                    ? _retransmission * 2 : SocketLimits.RetransmissionMax;
            }

            return;
        }

        _retransmission = SocketLimits.RetransmissionMin;
        SocketPiece piece = _onTheWay.Dequeue();
        bool isTaken = Peer!.Take(piece);
        Instant back = _back.SendControl(_world.Now);
        int length = piece.Bytes.Length;
        if (!piece.IsReset)
        {
            _world.At(
                back, isTaken ? _ => HandleAcknowledgement(length) : _ => Fail(SocketEnd.Reset), null);
        }

        PlanArrival();
    }

    // The far kernel's side of an arrival. False: it does not know the connection, or its process closed it.
    private bool Take(SocketPiece piece)
    {
        if (!IsAlive)
        {
            return false;
        }

        HeardAt = _world.Now;
        if (piece.IsReset)
        {
            Fail(SocketEnd.Reset);
            return true;
        }

        if (piece.IsEnd)
        {
            IsEndReceived = true;
            ForgetIfDone();
        }
        else if (End == SocketEnd.Closed)
        {
            Forget(); // nobody reads here any more
            return false;
        }
        else
        {
            _received.Add(piece.Bytes);
        }

        Owner?.HandleReadable();
        return true;
    }

    private void HandleAcknowledgement(int bytes)
    {
        if (!IsAlive || _host.IsDown)
        {
            return;
        }

        if (_back.IsCut)
        {
            _world.At(_world.Now + SocketLimits.RetransmissionMin * 2, _ => HandleAcknowledgement(bytes), null);
            return;
        }

        HeardAt = _world.Now;
        ProgressAt = _world.Now;
        _unacknowledged -= bytes;
        PlanPump(_world.Now);
        ForgetIfDone();
    }

    private void ForgetIfDone()
    {
        if (End == SocketEnd.Closed && _endIsSent && IsEndReceived && _unacknowledged == 0 && _onTheWay.Count == 0)
        {
            Forget();
        }
    }
}

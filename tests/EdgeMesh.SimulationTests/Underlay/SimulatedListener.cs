using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
using EdgeMesh.Underlay;

namespace EdgeMesh.SimulationTests.Underlay;

/// <summary>Accepts simulated connections on one loop.</summary>
public sealed class SimulatedListener : UnderlayListener
{
    private readonly Queue<SimulatedSocket> _waiting = new();
    private readonly SimulatedNodeLoop _loop;
    private readonly SimulatedHost _host;
    private readonly IPEndPoint _endPoint;
    private InlineSource<UnderlayConnection>? _waiter;
    private bool _isClosed;

    internal SimulatedListener(SimulatedNodeLoop loop, SimulatedHost host, IPEndPoint endPoint)
    {
        _loop = loop;
        _host = host;
        _endPoint = endPoint;
        LocalAddress = Multiaddr.FromTcp(endPoint);
    }

    public override Multiaddr LocalAddress { get; }

    /// <summary>Connections that wait to be accepted.</summary>
    internal int Waiting => _waiting.Count;

    public override async ValueTask<UnderlayConnection> AcceptAsync(CancellationToken cancellationToken)
    {
        _loop.CheckOnLoop();
        ObjectDisposedException.ThrowIf(_isClosed, this);
        cancellationToken.ThrowIfCancellationRequested();
        if (_waiter is not null)
        {
            throw new InvalidOperationException("one accept at a time");
        }

        InlineSource<UnderlayConnection> waiter = new();
        _waiter = waiter;
        if (_waiting.Count > 0)
        {
            EndAccept();
        }

        await using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            (_, token) => _loop.Post(_ => Cancel(waiter, token), null), null);
        return await waiter.Task;
    }

    public override void Dispose()
    {
        _loop.CheckOnLoop();
        if (_isClosed)
        {
            return;
        }

        _isClosed = true;
        _host.RemoveListener(_endPoint.Port);
        while (_waiting.TryDequeue(out SimulatedSocket? socket))
        {
            socket.Close(isReset: true);
        }

        _loop.End(static state => ((SimulatedListener)state!).TellClosed(), this);
    }

    /// <summary>A dial is through.</summary>
    internal void Add(SimulatedSocket socket)
    {
        if (_isClosed || _loop.IsDead)
        {
            socket.Close(isReset: true);
            return;
        }

        _waiting.Enqueue(socket);
        EndAccept();
    }

    private void EndAccept() => _loop.End(static state => ((SimulatedListener)state!).Accept(), this);

    private void Accept()
    {
        while (_waiter is not null && _waiting.TryDequeue(out SimulatedSocket? socket))
        {
            if (socket.End is SocketEnd.Gone)
            {
                continue; // as by ECONNABORTED
            }

            InlineSource<UnderlayConnection> waiter = _waiter;
            _waiter = null;
            waiter.TrySetResult(new SimulatedConnection(_loop, socket, _host.World.Random, []));
        }
    }

    private void TellClosed()
    {
        _waiter?.TrySetException(new IOException($"accepting at {_endPoint}: the listener was closed (ECANCELED)"));
        _waiter = null;
    }

    private void Cancel(InlineSource<UnderlayConnection> waiter, CancellationToken token)
    {
        if (ReferenceEquals(_waiter, waiter))
        {
            _waiter = null;
            waiter.TrySetCanceled(token);
        }
    }
}

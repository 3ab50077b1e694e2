using System;
using System.IO;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Packets;
using EdgeMesh.Underlay;

namespace EdgeMesh.SimulationTests.Underlay;

/// <summary>One attempt to connect: three packets there, back and there, each of which may be lost.</summary>
internal sealed class SimulatedDial
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);

    private readonly InlineSource<UnderlayConnection> _source = new();
    private readonly SimulatedWorld _world;
    private readonly SimulatedNodeLoop _loop;
    private readonly SimulatedHost _host;
    private readonly IPEndPoint _remote;
    private readonly IPEndPoint _local;
    private readonly Instant _giveUpAt;
    private readonly SimulatedHost? _farHost;
    private CancellationTokenRegistration _registration;
    private TimeSpan _retry = FirstRetry;
    private bool _isOver;

    public SimulatedDial(SimulatedNodeLoop loop, SimulatedHost host, IPEndPoint remote)
    {
        _world = host.World;
        _loop = loop;
        _host = host;
        _remote = remote;
        _local = new IPEndPoint(host.Address, host.TakePort());
        _giveUpAt = _world.Now + SocketLimits.DialTimeout;
        _farHost = _world.Network.Find(remote.Address);
    }

    private bool IsDead => _isOver || _loop.IsDead || _host.IsDown;

    public ValueTask<UnderlayConnection> Start(CancellationToken cancellation)
    {
        _world.Trace("dials", _host.Name, _remote.Port);
        _registration = cancellation.UnsafeRegister(
            static (state, token) =>
            {
                var dial = (SimulatedDial)state!;
                dial._loop.Post(_ => dial.Cancel(token), null);
            },
            this);
        SendFirst();
        return _source.Task;
    }

    private void SendFirst()
    {
        if (IsDead)
        {
            return;
        }

        if (_world.Now >= _giveUpAt)
        {
            Finish(null, "nobody answers there (ETIMEDOUT)");
            return;
        }

        _world.At(_world.Now + _retry, static state => ((SimulatedDial)state!).SendFirst(), this);
        _retry *= 2;
        if (_farHost is not null)
        {
            Instant due = _world.Network.Path(_host, _farHost).SendControl(_world.Now);
            _world.At(due, static state => ((SimulatedDial)state!).HandleAtFarHost(), this);
        }
    }

    private void HandleAtFarHost()
    {
        SimulatedHost far = _farHost!;
        SimulatedPath there = _world.Network.Path(_host, far);
        SimulatedPath back = _world.Network.Path(far, _host);
        if (_isOver || there.IsCut || there.BlocksDials || far.IsDown)
        {
            return;
        }

        SimulatedListener? listener = far.RefusesDials ? null : far.FindListener(_remote.Port);
        if (listener is null)
        {
            _world.At(back.SendControl(_world.Now), _ => HandleRefused(back), null);
        }
        else if (listener.Waiting < SocketLimits.Backlog)
        {
            _world.At(back.SendControl(_world.Now), _ => HandleAnswer(there, back, listener), null);
        }
    }

    private void HandleRefused(SimulatedPath back)
    {
        if (!IsDead && !back.IsCut)
        {
            Finish(null, "nobody listens there (ECONNREFUSED)");
        }
    }

    private void HandleAnswer(SimulatedPath there, SimulatedPath back, SimulatedListener listener)
    {
        if (IsDead || back.IsCut)
        {
            return;
        }

        var near = new SimulatedSocket(_host, _local, _farHost!, _remote);
        var far = new SimulatedSocket(_farHost!, _remote, _host, _local);
        SimulatedSocket.Join(near, far);
        _world.At(there.SendControl(_world.Now), _ => HandleLast(there, listener, far), null);
        Finish(near, string.Empty);
    }

    private static void HandleLast(SimulatedPath there, SimulatedListener listener, SimulatedSocket far)
    {
        if (there.IsCut)
        {
            far.Forget(); // it never learned; the near end will be reset, or time out
        }
        else if (far.End == SocketEnd.None)
        {
            listener.Add(far);
        }
    }

    private void Finish(SimulatedSocket? socket, string cause)
    {
        _isOver = true;
        _registration.Dispose();
        _loop.End(
            _ =>
            {
                if (socket is not null)
                {
                    SimulatedConnection connection = new(_loop, socket, _world.Random, []);
                    if (!_source.TrySetResult(connection))
                    {
                        connection.Abort();
                    }
                }
                else
                {
                    _source.TrySetException(new IOException($"connecting to {_remote}: {cause}"));
                }
            },
            null);
    }

    private void Cancel(CancellationToken token)
    {
        _isOver = true;
        _source.TrySetCanceled(token);
    }
}

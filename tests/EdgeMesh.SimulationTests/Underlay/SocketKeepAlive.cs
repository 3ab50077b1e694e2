using System;

namespace EdgeMesh.SimulationTests.Underlay;

/// <summary>A kernel's probes of a connection on which nothing is heard, and when it gives the connection up.</summary>
/// <param name="socket">This end.</param>
/// <param name="host">Its machine.</param>
/// <param name="farHost">The far one.</param>
internal sealed class SocketKeepAlive(SimulatedSocket socket, SimulatedHost host, SimulatedHost farHost)
{
    private readonly SimulatedWorld _world = host.World;
    private readonly SimulatedPath _out = host.World.Network.Path(host, farHost);
    private readonly SimulatedPath _back = host.World.Network.Path(farHost, host);

    /// <summary>Begins to look after the connection.</summary>
    public void Start() => _world.At(
        _world.Now + SocketLimits.WindowProbeInterval, static state => ((SocketKeepAlive)state!).Look(), this);

    private void Look()
    {
        if (!socket.IsAlive)
        {
            return;
        }

        Start();
        TimeSpan silence = _world.Now - socket.HeardAt;
        if ((socket.IsWaiting && _world.Now - socket.ProgressAt >= SocketLimits.UserTimeout)
            || silence >= SocketLimits.KeepAliveIdle + SocketLimits.UserTimeout)
        {
            socket.Fail(SocketEnd.TimedOut);
        }
        else if (silence >= SocketLimits.KeepAliveIdle || socket.HasUnsent)
        {
            _world.At(_out.SendControl(_world.Now), static state => ((SocketKeepAlive)state!).HandleProbe(), this);
        }
    }

    // At the far end: a kernel that knows the connection answers; one that does not, resets it.
    private void HandleProbe()
    {
        if (_out.IsCut || farHost.IsDown || socket.Peer is not { } peer)
        {
            return;
        }

        bool isKnown = peer.IsAlive;
        if (isKnown)
        {
            peer.NoteHeard();
        }

        _world.At(_back.SendControl(_world.Now), _ => HandleAnswer(isKnown), null);
    }

    private void HandleAnswer(bool isKnown)
    {
        if (_back.IsCut || host.IsDown)
        {
            return;
        }

        if (isKnown)
        {
            socket.NoteHeard();
        }
        else
        {
            socket.Fail(SocketEnd.Reset);
        }
    }
}

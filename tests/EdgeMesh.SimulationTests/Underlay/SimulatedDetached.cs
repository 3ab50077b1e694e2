using System;
using EdgeMesh.Underlay;

namespace EdgeMesh.SimulationTests.Underlay;

/// <summary>A simulated connection between two loops of one process.</summary>
internal sealed class SimulatedDetached(SimulatedWorld world, SimulatedSocket socket, byte[] unread)
    : DetachedConnection
{
    private bool _isTaken;

    public override UnderlayConnection Attach(Loop loop)
    {
        ObjectDisposedException.ThrowIf(_isTaken, this);
        var target = (SimulatedNodeLoop)loop;
        target.CheckOnLoop();
        _isTaken = true;
        return new SimulatedConnection(target, socket, world.Random, unread);
    }

    public override void Dispose()
    {
        if (!_isTaken)
        {
            _isTaken = true;
            socket.Close(isReset: true);
        }
    }
}

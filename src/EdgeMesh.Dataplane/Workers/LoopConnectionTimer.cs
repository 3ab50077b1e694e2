using EdgeMesh.Io;
using EdgeMesh.Libp2p.Connections;
using EdgeMesh.Packets;

namespace EdgeMesh.Dataplane.Workers;

/// <summary>A loop's timer, for one of its connections.</summary>
internal sealed class LoopConnectionTimer(LoopTimer timer) : ConnectionTimer
{
    /// <inheritdoc/>
    public override void Schedule(long due) => timer.Schedule(new Instant(due));

    /// <inheritdoc/>
    public override void Cancel() => timer.Cancel();
}

using System;
using EdgeMesh.Libp2p.Connections;

namespace EdgeMesh.FuzzTargets;

/// <summary>Time that stands still: no timer ever calls back.</summary>
internal sealed class StandingTime : ConnectionTime
{
    /// <inheritdoc/>
    public override long Now => 1;

    /// <inheritdoc/>
    public override ConnectionTimer CreateTimer(Action<object?> callback, object? state) => new Timer();

    private sealed class Timer : ConnectionTimer
    {
        public override void Schedule(long due)
        {
        }

        public override void Cancel()
        {
        }
    }
}

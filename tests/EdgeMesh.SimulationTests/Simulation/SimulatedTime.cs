using System;
using EdgeMesh.Libp2p.Connections;

namespace EdgeMesh.SimulationTests.Simulation;

/// <summary>A simulated loop's time, for connections.</summary>
public sealed class SimulatedTime(SimulatedLoop loop) : ConnectionTime
{
    public override long Now => loop.Now;

    /// <summary>How often a timer called back.</summary>
    public long Wakes { get; private set; }

    public override ConnectionTimer CreateTimer(Action<object?> callback, object? state) =>
        new SimulatedTimer(this, callback, state);

    private sealed class SimulatedTimer(SimulatedTime time, Action<object?> callback, object? state) : ConnectionTimer
    {
        private long _due = long.MaxValue;
        private long _wakeAt = long.MaxValue; // of the one delay that counts; others come to nothing

        public override void Schedule(long due)
        {
            _due = due;
            if (due < _wakeAt)
            {
                _wakeAt = due;
                _ = WakeAsync(due);
            }
        }

        public override void Cancel() => _due = long.MaxValue;

        private async System.Threading.Tasks.Task WakeAsync(long at)
        {
            await time.DelayAsync(at);
            if (_wakeAt != at)
            {
                return;
            }

            _wakeAt = long.MaxValue;
            if (_due == long.MaxValue)
            {
                return;
            }

            if (time.Now < _due)
            {
                Schedule(_due);
                return;
            }

            _due = long.MaxValue;
            time.Wakes++;
            callback(state);
        }
    }

    private System.Threading.Tasks.Task DelayAsync(long at) =>
        loop.DelayAsync(TimeSpan.FromTicks(
            Math.Max(0, at - loop.Now + TimeSpan.NanosecondsPerTick - 1) / TimeSpan.NanosecondsPerTick));
}

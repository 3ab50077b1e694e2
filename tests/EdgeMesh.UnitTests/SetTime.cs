using System;

namespace EdgeMesh.UnitTests;

/// <summary>Time that stands until the test lets it pass.</summary>
internal sealed class SetTime : TimeProvider
{
    private long _ticks = 1;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _ticks;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(_ticks);

    /// <summary>Lets time pass.</summary>
    public void Pass(TimeSpan time) => _ticks += time.Ticks;
}

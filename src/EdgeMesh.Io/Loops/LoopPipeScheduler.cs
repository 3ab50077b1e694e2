using System;
using System.IO.Pipelines;

namespace EdgeMesh.Io.Loops;

/// <summary>Runs what pipes schedule on the loop's thread.</summary>
internal sealed class LoopPipeScheduler(EventLoop loop) : PipeScheduler
{
    public override void Schedule(Action<object?> action, object? state) => loop.Post(action, state);
}

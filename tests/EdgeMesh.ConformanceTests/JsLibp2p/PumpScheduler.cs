using System;
using System.IO.Pipelines;
using System.Threading;

namespace EdgeMesh.ConformanceTests.JsLibp2p;

/// <summary>Resumes a pipe's writer on the test's thread.</summary>
/// <remarks>The context that an awaiter captures is not enough when two threads share a pipe: a flush that completes
/// while the awaiter is being attached resumes on the pipe's scheduler.</remarks>
internal sealed class PumpScheduler(SynchronizationContext context) : PipeScheduler
{
    public override void Schedule(Action<object?> action, object? state) =>
#pragma warning disable VSTHRD001 // The context is a test's loop; a post can't deadlock.
        context.Post(new SendOrPostCallback(action), state);
#pragma warning restore VSTHRD001
}

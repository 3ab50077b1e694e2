using System;
using System.IO.Pipelines;
using System.Threading;

namespace EdgeMesh.Libp2p.Connections;

/// <summary>Runs a pipe's continuations on a connection's thread.</summary>
/// <remarks>
/// Also those of code that awaits with ConfigureAwait(false), as the framework's own helpers on pipes do: an inline
/// scheduler would run them in the middle of a read, the default one on another thread.
/// </remarks>
internal sealed class ContextScheduler(SynchronizationContext context) : PipeScheduler
{
    public override void Schedule(Action<object?> action, object? state)
    {
#pragma warning disable VSTHRD001 // The context is a worker's loop, not a user interface; a post can't deadlock.
        context.Post(new SendOrPostCallback(action), state);
#pragma warning restore VSTHRD001
    }
}

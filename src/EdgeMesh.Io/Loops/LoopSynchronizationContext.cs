using System;
using System.Threading;

namespace EdgeMesh.Io.Loops;

/// <summary>Brings what an <c>await</c> leaves behind back to the loop's thread.</summary>
internal sealed class LoopSynchronizationContext(EventLoop loop) : SynchronizationContext
{
    public override void Post(SendOrPostCallback d, object? state) => loop.PostAny(d, state);

    public override void Send(SendOrPostCallback d, object? state)
    {
        if (!loop.IsOnThread)
        {
            throw new NotSupportedException("nothing waits for a loop's thread: use Post");
        }

        d(state);
    }

    public override SynchronizationContext CreateCopy() => this;
}

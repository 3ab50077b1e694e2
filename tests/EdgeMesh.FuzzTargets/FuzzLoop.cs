using System;
using System.Collections.Generic;
using System.Threading;

namespace EdgeMesh.FuzzTargets;

/// <summary>A thread's context for targets with asynchronous code: what is posted runs when the target says
/// so.</summary>
internal sealed class FuzzLoop : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _posts = new();

    /// <summary>Makes a loop the calling thread's context while the action runs.</summary>
    public static void Run(Action<FuzzLoop> action)
    {
        SynchronizationContext? before = Current;
        var loop = new FuzzLoop();
        SetSynchronizationContext(loop);
        try
        {
            action(loop);
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    /// <summary>Runs until nothing is posted.</summary>
    public void RunPosted()
    {
        while (_posts.TryDequeue(out (SendOrPostCallback Callback, object? State) post))
        {
            post.Callback(post.State);
        }
    }

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state) => _posts.Enqueue((d, state));
}

using System;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.Perf.Lab;

/// <summary>A load generator's own thread: it blocks, and must not wait for one of the pool's.</summary>
internal static class LabThread
{
    /// <summary>Runs a function on a thread of its own.</summary>
    public static Task Run(string name, Action work)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                work();
                done.SetResult();
            }
#pragma warning disable CA1031 // Thrown to the one who awaits it.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                done.SetException(failure);
            }
        })
        {
            IsBackground = true,
            Name = name,
        };
        thread.Start();
        return done.Task;
    }
}

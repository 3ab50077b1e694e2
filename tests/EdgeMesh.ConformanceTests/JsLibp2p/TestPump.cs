using System;
using System.Collections.Concurrent;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.ConformanceTests.JsLibp2p;

/// <summary>One thread with a SynchronizationContext, as a worker's loop is: what connections live on.</summary>
internal sealed class TestPump : SynchronizationContext
{
    private static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(60);

    private readonly BlockingCollection<(SendOrPostCallback Callback, object? State)> _posts = [];

    public static void Run(Func<Task> main)
    {
        var pump = new TestPump();
        SynchronizationContext? before = Current;
        SetSynchronizationContext(pump);
        try
        {
            long end = Environment.TickCount64 + (long)TimeMax.TotalMilliseconds;
            Task task = main();
            _ = task.ContinueWith(_ => pump.Post(static _ => { }, null), TaskScheduler.Default);
            while (!task.IsCompleted)
            {
                int rest = (int)Math.Max(0, end - Environment.TickCount64);
                if (!pump._posts.TryTake(out (SendOrPostCallback Callback, object? State) post, rest))
                {
                    throw new TimeoutException("the test did not end in time");
                }

                post.Callback(post.State);
            }

            task.GetAwaiter().GetResult();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    public override void Post(SendOrPostCallback d, object? state) => _posts.Add((d, state));
}

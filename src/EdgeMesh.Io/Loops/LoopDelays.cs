using System;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Extensions.ObjectPool;

namespace EdgeMesh.Io.Loops;

/// <summary>The waits of a given time on one loop; they are used again and again.</summary>
internal sealed class LoopDelays(EventLoop loop)
{
    /// <summary>Waits kept while nobody needs them.</summary>
    private const int KeptMax = 64;

    private readonly DefaultObjectPool<LoopDelay> _pool = new(new Policy(loop), KeptMax);

    /// <summary>Starts one, on the loop's thread.</summary>
    public ValueTask Start(TimeSpan delay, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellation);
        }

        return _pool.Get().Start(loop.Now + delay, cancellation);
    }

    /// <summary>Takes back one that was awaited.</summary>
    public void Return(LoopDelay delay) => _pool.Return(delay);

    private sealed class Policy(EventLoop loop) : IPooledObjectPolicy<LoopDelay>
    {
        public LoopDelay Create() => new(loop);

        public bool Return(LoopDelay obj) => true;
    }
}

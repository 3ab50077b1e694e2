using System;
using System.Threading;
using System.Threading.Tasks;
using System.Threading.Tasks.Sources;

namespace EdgeMesh.SimulationTests.Underlay;

/// <summary>Something to await once, resumed where it is set: as the product's operations do, and task sources don't.
/// </summary>
/// <remarks>A task that somebody awaits without a context would go on in the thread pool.</remarks>
internal sealed class InlineSource<T> : IValueTaskSource<T>, IValueTaskSource
{
    private ManualResetValueTaskSourceCore<T> _core;
    private bool _isSet;

    public ValueTask<T> Task => new(this, _core.Version);

    /// <summary>The same, for who wants no result.</summary>
    public ValueTask End => new(this, _core.Version);

    public bool TrySetResult(T result)
    {
        bool isFirst = !_isSet;
        _isSet = true;
        if (isFirst)
        {
            _core.SetResult(result);
        }

        return isFirst;
    }

    public void TrySetException(Exception exception)
    {
        if (!_isSet)
        {
            _isSet = true;
            _core.SetException(exception);
        }
    }

    public void TrySetCanceled(CancellationToken cancellation) =>
        TrySetException(new OperationCanceledException(cancellation));

    T IValueTaskSource<T>.GetResult(short token) => _core.GetResult(token);

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<T>.GetStatus(short token) => _core.GetStatus(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags & ~ValueTaskSourceOnCompletedFlags.UseSchedulingContext);

    void IValueTaskSource<T>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags & ~ValueTaskSourceOnCompletedFlags.UseSchedulingContext);
}

using System;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;
using System.Threading.Tasks.Sources;
using EdgeMesh.Underlay;

namespace EdgeMesh.Io.Loops;

/// <summary>One who waits on a loop: a wait, then its end, again and again, without allocating.</summary>
/// <remarks>
/// Everything on the loop's thread, but a cancellation, which may come on any. Whoever waits goes on inside <see
/// cref="End"/> or <see cref="Fail"/>, whatever context was captured: it is on the loop's thread already.
/// </remarks>
/// <param name="loop">Whose thread it is.</param>
internal sealed class Waiter<T>(Loop loop) : IValueTaskSource<T>
{
    private ManualResetValueTaskSourceCore<T> _source;
    private CancellationTokenRegistration _registration;
    private CancellationToken _cancellation;

    /// <summary>Whether somebody waits.</summary>
    public bool IsWaiting { get; private set; }

    /// <summary>Begins a wait. One at a time.</summary>
    public ValueTask<T> Wait(CancellationToken cancellation) => new(this, Begin(cancellation));

    /// <summary>Begins a wait for a value task of the caller's own.</summary>
    /// <returns>Its token.</returns>
    public short Begin(CancellationToken cancellation)
    {
        Debug.Assert(!IsWaiting, "one wait at a time");
        _source.Reset();
        IsWaiting = true;
        _cancellation = cancellation;
        _registration = cancellation.UnsafeRegister(static state => ((Waiter<T>)state!).CancelLater(), this);
        return _source.Version;
    }

    /// <summary>Ends the wait; only while <see cref="IsWaiting"/>.</summary>
    public void End(T result)
    {
        Leave();
        _source.SetResult(result);
    }

    /// <summary>Ends the wait with an error; only while <see cref="IsWaiting"/>.</summary>
    public void Fail(Exception exception)
    {
        Leave();
        _source.SetException(exception);
    }

    public T GetResult(short token) => _source.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    public void OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags & ~ValueTaskSourceOnCompletedFlags.UseSchedulingContext);

    private void Leave()
    {
        Debug.Assert(IsWaiting, "nobody waits");
        IsWaiting = false;
        _registration.Dispose();
        _registration = default;
    }

    private void CancelLater() => loop.Post(static state => ((Waiter<T>)state!).CancelIfAsked(), this);

    // Posted for an earlier wait, it may come while another one lasts: then that one's token is looked at.
    private void CancelIfAsked()
    {
        if (IsWaiting && _cancellation.IsCancellationRequested)
        {
            Fail(new OperationCanceledException(_cancellation));
        }
    }
}

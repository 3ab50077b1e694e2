using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.Tunnel.Links;

/// <summary>Bounds how many addresses are tried at once, over all peers: each attempt holds a descriptor.</summary>
/// <remarks>
/// Who waits gets a place in turn, but peers that have not failed yet before those that have, and each peer's first
/// address before anyone's further ones: a hundred nodes that are gone don't keep one that is there waiting. Runs on
/// the links' thread only.
/// </remarks>
/// <param name="attemptsMax">Attempts at once, at least 1.</param>
internal sealed class DialSlots(int attemptsMax)
{
    /// <summary>Attempts at once unless the process may have few descriptors.</summary>
    public const int AttemptsMaxDefault = 64;

    private readonly Queue<TaskCompletionSource>[] _waiting = [new(), new(), new(), new()]; // whose turn is first
    private int _taken;

    /// <summary>Attempts under way.</summary>
    public int Taken => _taken;

    /// <summary>Waits for a place; <see cref="Release"/> gives it back.</summary>
    /// <param name="hasFailed">Whether the last dial of the peer failed.</param>
    /// <param name="isFurther">Whether this dial of the peer tries another address already.</param>
    /// <param name="cancellation">Gives up the wait; must be cancelled on this thread.</param>
    public async Task TakeAsync(bool hasFailed, bool isFurther, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (_taken < attemptsMax)
        {
            _taken++;
            return;
        }

        TaskCompletionSource place = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[(hasFailed ? 2 : 0) + (isFurther ? 1 : 0)].Enqueue(place);
        using CancellationTokenRegistration registration = cancellation.UnsafeRegister(
            static waiting => ((TaskCompletionSource)waiting!).TrySetCanceled(), place);
        await place.Task;
    }

    /// <summary>Gives a place back.</summary>
    public void Release()
    {
        foreach (Queue<TaskCompletionSource> waiting in _waiting)
        {
            while (waiting.TryDequeue(out TaskCompletionSource? next))
            {
                if (next.TrySetResult())
                {
                    return; // the place is that one's now
                }
            }
        }

        _taken--;
    }
}

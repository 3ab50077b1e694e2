using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.Tunnel.Links;

/// <summary>Bounds how many addresses are tried at once, over all peers: each attempt holds a descriptor.</summary>
/// <remarks>
/// Who waits gets a place in turn, but those that have not failed yet before those that have: a hundred nodes that are
/// gone don't keep one that is there waiting. Runs on the links' thread only.
/// </remarks>
/// <param name="attemptsMax">Attempts at once, at least 1.</param>
internal sealed class DialSlots(int attemptsMax)
{
    /// <summary>Attempts at once unless the process may have few descriptors.</summary>
    public const int AttemptsMaxDefault = 64;

    private readonly Queue<TaskCompletionSource> _first = new();
    private readonly Queue<TaskCompletionSource> _later = new();
    private int _taken;

    /// <summary>Attempts under way.</summary>
    public int Taken => _taken;

    /// <summary>Waits for a place; <see cref="Release"/> gives it back.</summary>
    /// <param name="hasFailed">Whether the last dial of the peer failed.</param>
    /// <param name="cancellation">Gives up the wait; must be cancelled on this thread.</param>
    public async Task TakeAsync(bool hasFailed, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (_taken < attemptsMax)
        {
            _taken++;
            return;
        }

        TaskCompletionSource place = new(TaskCreationOptions.RunContinuationsAsynchronously);
        (hasFailed ? _later : _first).Enqueue(place);
        using CancellationTokenRegistration registration = cancellation.UnsafeRegister(
            static waiting => ((TaskCompletionSource)waiting!).TrySetCanceled(), place);
        await place.Task;
    }

    /// <summary>Gives a place back.</summary>
    public void Release()
    {
        while (_first.TryDequeue(out TaskCompletionSource? next) || _later.TryDequeue(out next))
        {
            if (next.TrySetResult())
            {
                return; // the place is that one's now
            }
        }

        _taken--;
    }
}

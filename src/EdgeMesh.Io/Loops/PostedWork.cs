using System;
using System.Collections.Generic;
using System.Threading;
using EdgeMesh.Native;

namespace EdgeMesh.Io.Loops;

/// <summary>
/// Callbacks for a loop's next iteration, from whatever thread, in the order they came; and what wakes the loop.
/// </summary>
/// <remarks>
/// Two lists change places, so that posting allocates nothing once both have grown. The descriptor is written under the
/// lock that closes it: a late poster must not write to whatever the kernel gives that number to next.
/// </remarks>
internal sealed class PostedWork : IDisposable
{
    private readonly Lock _lock = new();
    private readonly EventFd _wake = new();
    private List<(Delegate Callback, object? State)> _posted = [];
    private List<(Delegate Callback, object? State)> _running = [];
    private int _count; // of those posted; written under the lock, read without: each iteration looks
    private bool _isSignalled;
    private bool _isClosed;

    /// <summary>Becomes readable when another thread posts.</summary>
    public int WakeDescriptor => _wake.Descriptor;

    /// <summary>Whether something waits.</summary>
    /// <remarks>What another thread posts right after this look signals the descriptor.</remarks>
    public bool IsWaiting => Volatile.Read(ref _count) > 0;

    /// <summary>Adds a callback.</summary>
    /// <param name="callback">An <c>Action&lt;object?&gt;</c> or a <see cref="SendOrPostCallback"/>.</param>
    /// <param name="state">Its argument.</param>
    /// <param name="isOwnThread">The loop's own thread looks here before it waits; it needs no waking.</param>
    public void Add(Delegate callback, object? state, bool isOwnThread)
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                return;
            }

            _posted.Add((callback, state));
            Volatile.Write(ref _count, _posted.Count);
            if (!isOwnThread && !_isSignalled)
            {
                _isSignalled = true;
                _wake.Signal();
            }
        }
    }

    /// <summary>The loop saw the descriptor become readable; it will look for what was posted.</summary>
    public void ClearWake()
    {
        lock (_lock)
        {
            _isSignalled = false;
            _wake.Clear();
        }
    }

    /// <summary>Runs what waits; what is added meanwhile waits for the next call.</summary>
    /// <returns>How many ran.</returns>
    public int Run()
    {
        if (!IsWaiting)
        {
            return 0;
        }

        lock (_lock)
        {
            (_posted, _running) = (_running, _posted);
            Volatile.Write(ref _count, 0);
        }

        int count = _running.Count;
        try
        {
            for (int i = 0; i < count; i++)
            {
                (Delegate callback, object? state) = _running[i];
                if (callback is Action<object?> action)
                {
                    action(state);
                }
                else
                {
                    ((SendOrPostCallback)callback)(state);
                }
            }
        }
        finally
        {
            _running.Clear();
        }

        return count;
    }

    /// <summary>What is posted from now on never runs.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isClosed = true;
            _posted.Clear();
            Volatile.Write(ref _count, 0);
            _wake.Dispose();
        }
    }
}

using System;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.ControlPlane.Controller;

/// <summary>Wakes one waiter; any number of signals before it waits is one. Safe from every thread.</summary>
/// <param name="time">The clock; the system's unless said.</param>
internal sealed class ChangeSignal(TimeProvider? time = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private TaskCompletionSource _set = NewSource();

    /// <summary>Something has changed.</summary>
    internal void Set() => Volatile.Read(ref _set).TrySetResult();

    /// <summary>Waits for a change.</summary>
    /// <returns>False if the time is over.</returns>
    internal async Task<bool> WaitAsync(TimeSpan atMost, CancellationToken stop)
    {
        Task set = Volatile.Read(ref _set).Task;
        try
        {
            await set.WaitAsync(atMost, _time, stop);
        }
        catch (TimeoutException)
        {
            return false;
        }

        // What comes from now on is for the next wait; the waiter looks at everything after this.
        Volatile.Write(ref _set, NewSource());
        return true;
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

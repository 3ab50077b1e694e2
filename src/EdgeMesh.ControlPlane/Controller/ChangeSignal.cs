using System;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.ControlPlane.Controller;

/// <summary>Wakes one waiter; any number of signals before it waits is one. Safe from every thread.</summary>
internal sealed class ChangeSignal : IDisposable
{
    private readonly SemaphoreSlim _signal = new(0, 1);

    /// <summary>Something has changed.</summary>
    internal void Set()
    {
        try
        {
            _signal.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is set.
        }
        catch (ObjectDisposedException)
        {
            // An event that came while ending.
        }
    }

    /// <summary>Waits for a change.</summary>
    /// <returns>False if the time is over.</returns>
    internal Task<bool> WaitAsync(TimeSpan atMost, CancellationToken stop) => _signal.WaitAsync(atMost, stop);

    /// <inheritdoc/>
    public void Dispose() => _signal.Dispose();
}

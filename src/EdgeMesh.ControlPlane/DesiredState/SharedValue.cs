using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.ControlPlane.DesiredState;

/// <summary>A value that one task writes and others wait for. Safe from every thread.</summary>
/// <typeparam name="T">Immutable; equal values are one value.</typeparam>
internal sealed class SharedValue<T>
    where T : class
{
    private readonly Lock _lock = new();
    private T? _value;
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>The value, and a task that completes when it is another one. Null: none yet.</summary>
    internal (T? Value, Task Changed) Read()
    {
        lock (_lock)
        {
            return (_value, _changed.Task);
        }
    }

    /// <summary>Waits until there is a value.</summary>
    internal async Task<T> WaitAsync(CancellationToken stop)
    {
        while (true)
        {
            (T? value, Task changed) = Read();
            if (value is not null)
            {
                return value;
            }

            await changed.WaitAsync(stop);
        }
    }

    /// <summary>Writes the value; nothing happens if it is the same.</summary>
    internal void Set(T? value)
    {
        lock (_lock)
        {
            if (!Equals(_value, value))
            {
                _value = value;
                _changed.SetResult();
                _changed = NewSignal();
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

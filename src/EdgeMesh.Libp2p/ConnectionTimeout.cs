using System;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.Libp2p;

/// <summary>A token that is canceled when its time is over, by the connection's own clock, or when the connection
/// ends.</summary>
internal sealed class ConnectionTimeout : IDisposable
{
    private readonly CancellationTokenSource _source;

    public ConnectionTimeout(
        TimeSpan time,
        Func<TimeSpan, CancellationToken, Task> delay,
        CancellationToken ended,
        CancellationToken cancellationToken)
    {
        _source = CancellationTokenSource.CreateLinkedTokenSource(ended, cancellationToken);
        Token = _source.Token;
        _ = CancelAfterAsync(time, delay);
    }

    /// <summary>Canceled when the time is over.</summary>
    public CancellationToken Token { get; }

    /// <summary>The work is done in time.</summary>
    public void Dispose()
    {
        // Not disposed: the delay still holds it for a moment, and it has no timer of its own.
        _source.Cancel();
    }

    private async Task CancelAfterAsync(TimeSpan time, Func<TimeSpan, CancellationToken, Task> delay)
    {
        try
        {
            await delay(time, Token);
#pragma warning disable VSTHRD103 // CancelAsync runs callbacks on another thread.
            _source.Cancel();
#pragma warning restore VSTHRD103
        }
        catch (OperationCanceledException)
        {
            // Done in time.
        }
    }
}

using System;
using System.Threading;

namespace EdgeMesh.Libp2p.Connections;

/// <summary>A token that is canceled when its time is over, by the connection's own clock.</summary>
/// <remarks>Disposing it leaves nothing behind: neither a timer nor a registration.</remarks>
internal sealed class ConnectionTimeout : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly ConnectionTimer _timer;

    public ConnectionTimeout(ConnectionTime time, TimeSpan span, CancellationToken cancellationToken = default)
    {
        _source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Token = _source.Token;
        _timer = time.CreateTimer(static source => ((CancellationTokenSource)source!).Cancel(), _source);
        _timer.Schedule(time.After(span));
    }

    /// <summary>Canceled when the time is over.</summary>
    public CancellationToken Token { get; }

    /// <summary>The work is done in time.</summary>
    public void Dispose()
    {
        _timer.Cancel();
        _source.Dispose();
    }
}

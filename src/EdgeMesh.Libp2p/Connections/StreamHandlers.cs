using System;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.Libp2p.Connections;

/// <summary>Runs the handlers of the ordinary streams that a peer opens.</summary>
internal sealed class StreamHandlers(ConnectionOptions options, CancellationToken ended)
{
    private int _running;

    /// <summary>Whether one more may run.</summary>
    public bool HasRoom => _running < ConnectionLimits.HandlersMax;

    /// <summary>Handlers that failed with an exception nobody expected.</summary>
    public long Failures { get; private set; }

    /// <summary>Serves a stream to its end.</summary>
    public async Task RunAsync(MuxedStream stream)
    {
        _running++;
        try
        {
            // Not inside the read of the bytes that opened the stream.
            await Task.Yield();
            await options.Handlers[stream.Protocol](stream, ended);
            await stream.DisposeAsync();
        }
        catch (Exception failure) when (failure is StreamException or OperationCanceledException)
        {
            stream.Reset();
        }
#pragma warning disable CA1031 // A handler's failure ends its stream and is counted; the connection lives on.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Failures++;
            stream.Reset();
            options.HandlerFailed?.Invoke(stream, failure);
        }
        finally
        {
            _running--;
        }
    }
}

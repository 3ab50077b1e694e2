using System;
using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Libp2p.Connections;

namespace EdgeMesh.Libp2p.Ping;

/// <summary>Measures the round trip to a peer, through one stream that is kept open.</summary>
public sealed class PingClient : IAsyncDisposable
{
    internal const string Protocol = "/ipfs/ping/1.0.0";

    private readonly MuxedStream _stream;

    private PingClient(MuxedStream stream) => _stream = stream;

    /// <summary>Opens a stream for pings.</summary>
    /// <exception cref="StreamException">The peer does not answer pings.</exception>
    public static async ValueTask<PingClient> OpenAsync(Connection connection, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return new PingClient(await connection.OpenStreamAsync(Protocol, cancellationToken));
    }

    /// <summary>Sends one ping and waits for its answer.</summary>
    /// <returns>The round trip.</returns>
    /// <exception cref="StreamException">The stream ended, or the answer was another one.</exception>
    /// <exception cref="OperationCanceledException">There was no answer in time.</exception>
    public async ValueTask<TimeSpan> PingAsync(CancellationToken cancellationToken)
    {
        Connection connection = _stream.Connection;
        using ConnectionTimeout timeout = new(connection.Time, PingLimits.Timeout, cancellationToken);
        byte[] payload = RandomNumberGenerator.GetBytes(PingLimits.PayloadBytes);
        long sentAt = connection.Time.Now;
        await _stream.Output.WriteAsync(payload, timeout.Token);
        ReadResult result = await _stream.Input.ReadAtLeastAsync(PingLimits.PayloadBytes, timeout.Token);
        long received = Math.Min(result.Buffer.Length, PingLimits.PayloadBytes);
        bool isSame = result.Buffer.Slice(0, received).ToArray().AsSpan().SequenceEqual(payload);
        _stream.Input.AdvanceTo(result.Buffer.GetPosition(received));
        if (!isSame)
        {
            _stream.Reset();
            throw new StreamException(received == 0 ? StreamEnd.RemoteFinished : StreamEnd.Reset);
        }

        return new TimeSpan((connection.Time.Now - sentAt) / TimeSpan.NanosecondsPerTick);
    }

    /// <summary>Closes the stream.</summary>
    public ValueTask DisposeAsync() => _stream.DisposeAsync();
}

using System;
using System.Collections.Generic;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Libp2p.Connections;
using EdgeMesh.SimulationTests.Simulation;
using Xunit;

namespace EdgeMesh.SimulationTests;

/// <summary>Random work of one side of a connection: ordinary streams that echo, are reset, or stall; and one
/// tunnel.</summary>
/// <remarks>
/// Every byte follows from its stream's number and its offset, so that a receiver knows what must come next without
/// being told. What a stream may lose, by a reset or a cut, is only its end.
/// </remarks>
internal sealed class MixOfStreams
{
    public const string Echo = "/echo";
    public const string Reset = "/reset";
    public const string Stall = "/stall";
    public const string Tunnel = "/tunnel";

    private readonly SimulatedLoop _loop;
    private readonly Random _random;

    public MixOfStreams(SimulatedLoop loop, int seed)
    {
        _loop = loop;
        _random = new Random(seed);
    }

    /// <summary>Streams that came to their end without a fault.</summary>
    public int Finished { get; private set; }

    /// <summary>Streams that a reset or a cut ended.</summary>
    public int Interrupted { get; private set; }

    public long EchoedBytes { get; private set; }

    /// <summary>The tunnels of this side, both those it opened and those opened to it.</summary>
    public List<TunnelConsumer> Tunnels { get; } = [];

    /// <summary>The bytes of a stream from an offset on.</summary>
    public static void Fill(uint streamId, long offset, Span<byte> bytes)
    {
        for (int i = 0; i < bytes.Length; i++, offset++)
        {
            bytes[i] = unchecked((byte)((streamId * 31) + (offset * 7) + (offset >> 8)));
        }
    }

    /// <summary>Throws unless these are the bytes of a stream from an offset on.</summary>
    public static void Check(uint streamId, long offset, ReadOnlySpan<byte> bytes)
    {
        byte[] expected = new byte[bytes.Length];
        Fill(streamId, offset, expected);
        Assert.True(bytes.SequenceEqual(expected), $"stream {streamId} holds other bytes behind offset {offset}");
    }

    public ConnectionOptions Options() => new()
    {
        Time = new SimulatedTime(_loop),
        HandlerFailed = (_, failure) => throw new InvalidOperationException("a handler failed", failure),
        Handlers = new Dictionary<string, Func<MuxedStream, CancellationToken, Task>>(StringComparer.Ordinal)
        {
            [Echo] = EchoAsync,
            [Reset] = ResetAsync,
            [Stall] = (_, stop) => _loop.DelayAsync(TimeSpan.FromSeconds(_random.Next(1, 5)), stop),
        },
    };

    /// <summary>Takes one tunnel that the other side opens.</summary>
    public ConnectionSetup Setup() => new()
    {
        Consumers = new Dictionary<string, InlineConsumer>(StringComparer.Ordinal)
        {
            [Tunnel] = MakeTunnel(frames: 0),
        },
    };

    /// <summary>Opens so many streams, some at once, and a tunnel; returns when all are over.</summary>
    public async Task RunAsync(Connection connection, int streams)
    {
        var tasks = new List<Task> { TunnelAsync(connection) };
        for (int i = 0; i < streams; i++)
        {
            tasks.Add(OneAsync(connection));
            await _loop.DelayAsync(TimeSpan.FromMilliseconds(_random.Next(0, 20)));
        }

        foreach (Task task in tasks)
        {
            await task;
        }
    }

    private async Task OneAsync(Connection connection)
    {
        string protocol = _random.Next(10) switch
        {
            0 => Reset,
            1 => Stall,
            _ => Echo,
        };
        try
        {
            await using MuxedStream stream = await connection.OpenStreamAsync(protocol, default);
            Task write = WriteAsync(stream, _random.Next(1, 600_000), resetAfter: _random.Next(20) == 0);
            await CheckAsync(stream);
            await write;
            Finished++;
        }
        catch (StreamException)
        {
            Interrupted++;
        }
    }

    private async Task WriteAsync(MuxedStream stream, int length, bool resetAfter)
    {
        for (int offset = 0; offset < length;)
        {
            byte[] piece = new byte[Math.Min(_random.Next(1, 40_000), length - offset)];
            Fill(stream.Id, offset, piece);
            FlushResult flush = await stream.Output.WriteAsync(piece);
            offset += piece.Length;
            if (flush.IsCompleted)
            {
                return;
            }
        }

        if (resetAfter)
        {
            stream.Reset();
        }
        else
        {
            await stream.Output.CompleteAsync();
        }
    }

    private async Task CheckAsync(MuxedStream stream)
    {
        long offset = 0;
        while (true)
        {
            ReadResult result = await stream.Input.ReadAsync();
            long taken = Math.Min(result.Buffer.Length, _random.Next(1, 100_000));
            foreach (ReadOnlyMemory<byte> segment in result.Buffer.Slice(0, taken))
            {
                Check(stream.Id, offset, segment.Span);
                offset += segment.Length;
            }

            EchoedBytes += taken;
            bool isEnd = result.IsCompleted && taken == result.Buffer.Length;
            stream.Input.AdvanceTo(result.Buffer.GetPosition(taken));
            if (isEnd)
            {
                return;
            }

            if (_random.Next(10) == 0)
            {
                await _loop.DelayAsync(TimeSpan.FromMilliseconds(_random.Next(0, 50)));
            }
        }
    }

    private static async Task EchoAsync(MuxedStream stream, CancellationToken cancellationToken)
    {
        await stream.Input.CopyToAsync(stream.Output, cancellationToken);
        await stream.DisposeAsync();
    }

    private static async Task ResetAsync(MuxedStream stream, CancellationToken cancellationToken)
    {
        await stream.Input.ReadAsync(cancellationToken);
        stream.Reset();
    }

    private async Task TunnelAsync(Connection connection)
    {
        TunnelConsumer consumer = MakeTunnel(frames: _random.Next(1, 2000));
        try
        {
            await connection.OpenInlineAsync(Tunnel, consumer, default);
            await consumer.Done;
        }
        catch (StreamException)
        {
            Interrupted++;
        }
    }

    private TunnelConsumer MakeTunnel(int frames)
    {
        var consumer = new TunnelConsumer(frames, _random.Next());
        Tunnels.Add(consumer);
        return consumer;
    }
}

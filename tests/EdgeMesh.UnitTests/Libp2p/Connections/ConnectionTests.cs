using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Libp2p.Connections;
using EdgeMesh.SimulationTests.Simulation;
using Xunit;

namespace EdgeMesh.UnitTests.Libp2p.Connections;

public sealed class ConnectionTests
{
    private const string Echo = "/echo/1.0.0";

    [Theory]
    [InlineData(1)]
    [InlineData(65536)]
    [InlineData(3_000_000)]
    public void Echoed_bytes_come_back_and_both_sides_half_close(int length) => SimulatedLoop.Run(async loop =>
    {
        SecuredPair pair = Start(loop);
        MuxedStream stream = await pair.Left.OpenStreamAsync(Echo, default);
        byte[] sent = Bytes(length);
        Task write = WriteAllAsync(stream, sent);
        byte[] received = await ReadAllAsync(stream);
        await write;
        Assert.Equal(sent, received);
        await stream.DisposeAsync();
        await loop.DelayAsync(TimeSpan.FromMilliseconds(10));
        Assert.Equal(0, pair.Left.StreamCount);
        Assert.Equal(0, pair.Right.StreamCount);
        await pair.Left.CloseAsync();
        await pair.Right.RunAsync(default);
        Assert.Equal(CloseReason.Closed, pair.Left.CloseReason);
        Assert.Equal(CloseReason.RemoteClosed, pair.Right.CloseReason);
    });

    internal static ConnectionOptions Options(SimulatedLoop loop) => new()
    {
        Time = new SimulatedTime(loop),
        HandlerFailed = (_, failure) => TestContext.Current.TestOutputHelper?.WriteLine(failure.ToString()),
        Handlers = new Dictionary<string, Func<MuxedStream, CancellationToken, Task>>(StringComparer.Ordinal)
        {
            [Echo] = EchoAsync,
        },
    };

    internal static SecuredPair Start(
        SimulatedLoop loop,
        Func<ConnectionOptions, ConnectionOptions>? change = null,
        SimulatedLinkOptions? link = null,
        ConnectionSetup? setupOfRight = null)
    {
        var wire = new SimulatedLink(loop, new Random(1), link ?? new SimulatedLinkOptions());
        ConnectionOptions options = Options(loop);
        options = change?.Invoke(options) ?? options;
        var pair = new SecuredPair(wire.Left, wire.Right, options, options, rightSetup: setupOfRight);
        _ = ReportAsync(pair.Left);
        _ = ReportAsync(pair.Right);
        return pair;
    }

    private static async Task ReportAsync(Connection connection)
    {
        await connection.RunAsync(default);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{(connection.IsInitiator ? "left" : "right")}: {connection.CloseReason} {connection.Failure}");
    }

    internal static async Task EchoAsync(MuxedStream stream, CancellationToken cancellationToken)
    {
        await stream.Input.CopyToAsync(stream.Output, cancellationToken);
        await stream.DisposeAsync();
    }

    internal static byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    internal static async Task WriteAllAsync(MuxedStream stream, byte[] bytes)
    {
        await stream.Output.WriteAsync(bytes);
        await stream.Output.CompleteAsync();
    }

    internal static async Task<byte[]> ReadAllAsync(MuxedStream stream)
    {
        var all = new ArrayBufferWriter<byte>();
        while (true)
        {
            ReadResult result = await stream.Input.ReadAsync();
            foreach (ReadOnlyMemory<byte> segment in result.Buffer)
            {
                all.Write(segment.Span);
            }

            stream.Input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                return all.WrittenSpan.ToArray();
            }
        }
    }
}

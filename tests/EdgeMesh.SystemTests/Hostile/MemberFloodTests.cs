using System;
using System.IO.Pipelines;
using System.Linq;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Lab.Measuring;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Libp2p.Connections;
using Xunit;

namespace EdgeMesh.SystemTests.Hostile;

/// <summary>
/// A member that uses libp2p's own protocols as fast as it can: it costs a node no memory, and others no packet. The
/// lab is drawn at <see cref="Fixtures.MeshFixture"/>.
/// </summary>
public sealed class MemberFloodTests(CraftedPeerFixture fixture) : IClassFixture<CraftedPeerFixture>
{
    private const string PingProtocol = "/ipfs/ping/1.0.0";
    private const string PushProtocol = "/ipfs/id/push/1.0.0";
    private const long GrowthKibibytesMax = 2048;

    // By then every pool, buffer and generation of the heap has its size.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Flood = TimeSpan.FromSeconds(14);

    [Fact]
    public Task Pings_flat_out_cost_no_memory_and_others_no_packet() => AssertHarmlessAsync(PingAsync);

    [Fact]
    public Task Pushes_of_identify_flat_out_cost_no_memory_and_others_no_packet() => AssertHarmlessAsync(PushAllAsync);

    private async Task AssertHarmlessAsync(Func<Connection, CancellationToken, Task> floodAsync)
    {
        fixture.RequireMesh();
        Task flood = Task.Run(() => CraftedPeer.Run(
            fixture.Lab.Host("stranger"),
            fixture.Identity,
            new IPEndPoint(fixture.Cloud.Node.Plan.Underlay, MeshNode.ListenPort),
            fixture.Cloud.PeerId,
            hello: null,
            async (peer, cancellation) =>
            {
                using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                end.CancelAfter(Flood);
                await floodAsync(peer.Connection, end.Token);
            }));
        await Task.Delay(WarmUp);
        long before = fixture.Cloud.Dataplane!.ResidentKibibytes;
        PingRun others = await PingRun.RunAsync(
            fixture.Lab.Pod("edge-a-pod1").Network, fixture.Lab.Pod("cloud-1-pod1").Plan.Address4, 250,
            TimeSpan.FromMilliseconds(20));
        bool wasOver = flood.IsCompleted;
        long growth = fixture.Cloud.Dataplane.ResidentKibibytes - before;
        await flood;
        Assert.False(wasOver, "the flood was over before the pings were");
        Assert.True(others.IsWhole, others.Output);
        Assert.True(growth <= GrowthKibibytesMax, $"resident memory grew by {growth} KiB, from {before} KiB");
    }

    private static async Task PingAsync(Connection connection, CancellationToken end)
    {
        const int PingBytes = 32;
        byte[] pings = new byte[64 * PingBytes];
        await RepeatAsync(connection, PingProtocol, UseAsync, end);

        async Task UseAsync(MuxedStream stream)
        {
            Task reading = DrainAsync(stream, end);
            FlushResult result = default;
            while (!result.IsCompleted)
            {
                result = await stream.Output.WriteAsync(pings, end);
            }

            await reading;
        }
    }

    private static Task PushAllAsync(Connection connection, CancellationToken end)
    {
        const int AtOnce = 8;
        byte[] message = [3, 0x32, 1, (byte)'x']; // length, then agentVersion = "x"
        return Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => RepeatAsync(
            connection, PushProtocol, async stream => await stream.Output.WriteAsync(message, end), end)));
    }

    private static async Task RepeatAsync(
        Connection connection, string protocol, Func<MuxedStream, Task> useAsync, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            try
            {
                await using MuxedStream stream = await connection.OpenStreamAsync(protocol, end);
                await useAsync(stream);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (StreamException)
            {
                // Refused: another one is tried.
                await Task.Yield();
            }
        }
    }

    private static async Task DrainAsync(MuxedStream stream, CancellationToken end)
    {
        while (true)
        {
            ReadResult result = await stream.Input.ReadAsync(end);
            stream.Input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                return;
            }
        }
    }
}

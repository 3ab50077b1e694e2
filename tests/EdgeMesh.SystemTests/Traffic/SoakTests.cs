using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Traffic;
using EdgeMesh.SystemTests.Fixtures;
using Xunit;

namespace EdgeMesh.SystemTests.Traffic;

/// <summary>
/// Full load for a long time: bulk flows both ways, datagrams, and connections that come and go. Memory, descriptors
/// and streams stay as they were when it was warm.
/// </summary>
public sealed class SoakTests(DefaultFixture fixture) : IClassFixture<DefaultFixture>
{
    private const int Samples = 20;
    private const int WarmSamples = 5;
    private const long TransferBytes = 256L << 20;
    private const int DatagramBytes = 1200;

    /// <summary>What a page cache of mapped files and the scrapes' own buffers move back and forth, KiB.</summary>
    private const long ResidentSlackKibibytes = 3 * 1024;

    // Connections of scrapes and of the command line that is just asking.
    private const int DescriptorSlack = 4;

    // EDGEMESH_SOAK_SECONDS, else ten minutes.
    private static TimeSpan Duration => TimeSpan.FromSeconds(double.Parse(
        Environment.GetEnvironmentVariable("EDGEMESH_SOAK_SECONDS") ?? "600", CultureInfo.InvariantCulture));

    [Fact]
    [Trait("Category", "Long")]
    public async Task Memory_descriptors_and_streams_stay_flat_under_full_load()
    {
        fixture.RequireMesh();
        MeshNode[] nodes = [fixture.Mesh.Node("edge-a"), fixture.Mesh.Node("cloud-1")];
        LabPod edge = fixture.Lab.Pod("edge-a-pod1");
        LabPod cloud = fixture.Lab.Pod("cloud-1-pod1");
        using var stop = new CancellationTokenSource();
        Task[] load =
        [
            TransferAgainAndAgainAsync(edge, cloud, TransferBytes, stop.Token),
            TransferAgainAndAgainAsync(cloud, edge, TransferBytes, stop.Token),
            TransferAgainAndAgainAsync(edge, fixture.Lab.Pod("cloud-1-pod2"), 64 * 1024, stop.Token),
            SendDatagramsAsync(cloud, edge, stop.Token),
        ];
        var samples = new List<Sample[]>();
        for (int i = 0; i < Samples && !load.Any(each => each.IsCompleted); i++)
        {
            await Task.Delay(Duration / Samples);
            samples.Add(await Task.WhenAll(nodes.Select(SampleAsync)));
        }

        await stop.CancelAsync();
        await Task.WhenAll(load);
        for (int i = 0; i < nodes.Length; i++)
        {
            AssertFlat(nodes[i].Name, [.. samples.Skip(WarmSamples).Select(each => each[i])]);
        }
    }

    private static void AssertFlat(string node, IReadOnlyList<Sample> warm)
    {
        string all = $"{node}:\n{string.Join('\n', warm)}";
        TestContext.Current.SendDiagnosticMessage(all);
        int half = warm.Count / 2;
        Assert.True(
            warm.Skip(half).Min(each => each.ResidentKibibytes)
                <= warm.Take(half).Max(each => each.ResidentKibibytes) + ResidentSlackKibibytes,
            $"resident memory grew: {all}");
        Assert.True(
            warm.Skip(half).Min(each => each.Descriptors)
                <= warm.Take(half).Max(each => each.Descriptors) + DescriptorSlack,
            $"descriptors grew: {all}");
        Assert.True(
            warm.Skip(half).Min(each => each.Streams) <= warm.Take(half).Max(each => each.Streams),
            $"streams grew: {all}");
        Assert.True(warm[^1].Streams > 0, $"no stream is open: {all}");
        Assert.True(
            warm[^1].FullCollections == warm[0].FullCollections, $"the whole heap was collected: {all}");
        Assert.True(warm[^1].Packets > warm[0].Packets, $"nothing moved: {all}");
    }

    private static async Task TransferAgainAndAgainAsync(
        LabPod from, LabPod to, long bytes, CancellationToken cancellation)
    {
        await using var sink = new TcpSink(to.Network.Listen(new IPEndPoint(to.Plan.Address4, 0)));
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                using Socket socket = await from.Network.ConnectAsync(sink.EndPoint, cancellation);
                TransferResult result = await TcpSource.SendAsync(socket, 1, bytes, progress: null, cancellation);
                Assert.True(result.IsIntact, "the checksums differ");
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private static async Task SendDatagramsAsync(LabPod from, LabPod to, CancellationToken cancellation)
    {
        using Socket target = to.Network.BindUdp(new IPEndPoint(to.Plan.Address4, 0));
        using Socket socket = from.Network.OpenSocket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        byte[] payload = new byte[DatagramBytes];
        while (!cancellation.IsCancellationRequested)
        {
            for (int i = 0; i < 20; i++)
            {
                await socket.SendToAsync(payload, target.LocalEndPoint!, CancellationToken.None);
            }

            await Task.Delay(1, CancellationToken.None);
        }
    }

    private static async Task<Sample> SampleAsync(MeshNode node)
    {
        string metrics = await node.MetricsAsync();
        return new Sample(
            node.Dataplane!.ResidentKibibytes,
            Directory.GetFiles(string.Create(CultureInfo.InvariantCulture, $"/proc/{node.Dataplane.Id}/fd")).Length,
            Value(metrics, "dotnet_gc_collections_total{generation=\"2\"}"),
            Value(metrics, "edgemesh_streams"),
            Value(metrics, "edgemesh_packets_total{direction=\"in\"}"));
    }

    private static long Value(string metrics, string series)
    {
        string line = metrics.Split('\n').Single(each => each.StartsWith(series + " ", StringComparison.Ordinal));
        return (long)double.Parse(line.AsSpan(series.Length + 1), NumberStyles.Float, CultureInfo.InvariantCulture);
    }

    private sealed record Sample(
        long ResidentKibibytes, int Descriptors, long FullCollections, long Streams, long Packets);
}

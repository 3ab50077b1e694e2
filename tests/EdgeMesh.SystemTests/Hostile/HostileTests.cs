using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Lab.Running;
using EdgeMesh.SystemTests.Fixtures;
using Xunit;

namespace EdgeMesh.SystemTests.Hostile;

/// <summary>
/// Strangers on the underlay and garbage on every door, while honest pods ping. The lab is drawn at
/// <see cref="MeshFixture"/>; strangers are 10.99.0.200.
/// </summary>
public sealed class HostileTests(DefaultFixture fixture) : IClassFixture<DefaultFixture>
{
    // The bar is 32 MiB in peace (design, section 9); a siege may cost some, but never in proportion to the besiegers.
    // The peak of the process counts, behind all sieges so far: 50 to 66 MiB were seen after 12 000 strangers. Where 25
    // of them come from, while 500 are there at once, is not known.
    private const long ResidentKibibytesMax = 80 * 1024;

    private static readonly TimeSpan Siege = TimeSpan.FromSeconds(60);

    private MeshNode Target => fixture.Mesh.Node("cloud-1");

    private IPEndPoint Door => new(Target.Node.Plan.Underlay, MeshNode.ListenPort);

    private LabNamespace Stranger => fixture.Lab.Host("stranger");

    [Fact]
    public async Task Ten_thousand_connections_from_strangers_do_not_disturb_honest_peers()
    {
        fixture.RequireMesh();
        const int Connections = 10_000;
        const int AtOnce = 500;
        await BesiegeAsync(async cancellation =>
        {
            int refused = 0;
            for (int round = 0; round < Connections / AtOnce; round++)
            {
                Socket[] sockets = Open(AtOnce);
                try
                {
                    await Task.WhenAll(sockets.Select(async (socket, i) =>
                    {
                        if (!await TryConnectAsync(socket, cancellation))
                        {
                            Interlocked.Increment(ref refused);
                        }
                        else if (i % 2 == 0)
                        {
                            await TrySendAsync(socket, Garbage(i), cancellation);
                        }
                    }));
                }
                finally
                {
                    Array.ForEach(sockets, socket => socket.Dispose());
                }
            }

            TestContext.Current.SendDiagnosticMessage("{0} of {1} connections refused", refused, Connections);
        });
    }

    [Fact]
    public async Task Handshakes_that_crawl_do_not_keep_honest_peers_out()
    {
        fixture.RequireMesh();
        const int Crawlers = 2000;
        byte[] opening = "\u0013/multistream/1.0.0\n\u0007/noise\n"u8.ToArray();
        await BesiegeAsync(async cancellation =>
        {
            Socket[] sockets = Open(Crawlers);
            try
            {
                await Task.WhenAll(sockets.Select(socket => TryConnectAsync(socket, cancellation)));

                // One byte each, now and then; meanwhile a node starts anew and must get in.
                MeshNode late = fixture.Mesh.Node("edge-b");
                await late.Dataplane!.KillAsync();
                late.StartDataplane();
                for (int i = 0; i < opening.Length; i++)
                {
                    await Task.WhenAll(sockets.Select(
                        socket => TrySendAsync(socket, opening.AsMemory(i, 1), cancellation)));
                    await Task.Delay(100, cancellation);
                }

                await fixture.Mesh.WaitUntilConnectedAsync();
            }
            finally
            {
                Array.ForEach(sockets, socket => socket.Dispose());
            }
        });
    }

    [Fact]
    public async Task Garbage_after_a_good_opening_ends_only_its_own_connection()
    {
        fixture.RequireMesh();
        byte[] opening = "\u0013/multistream/1.0.0\n\u0007/noise\n"u8.ToArray();
        await BesiegeAsync(async cancellation =>
        {
            for (int i = 0; i < 300; i++)
            {
                using Socket socket = Open(1)[0];
                if (await TryConnectAsync(socket, cancellation))
                {
                    // Also the longest length a Noise message may announce, and nothing or everything behind it.
                    byte[] tail = i % 3 == 0 ? [0xff, 0xff] : Garbage(i);
                    await TrySendAsync(socket, (byte[])[.. opening, .. tail], cancellation);
                    await DrainAsync(socket, TimeSpan.FromMilliseconds(5), cancellation);
                }
            }
        });
    }

    [Fact]
    public async Task Garbage_on_the_control_socket_ends_only_its_own_connection()
    {
        fixture.RequireMesh();
        await BesiegeAsync(async cancellation =>
        {
            for (int i = 0; i < 200; i++)
            {
                using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Target.SocketPath), cancellation);

                // Also an announced length of 4 GiB.
                byte[] bytes = i % 3 == 0 ? [0xff, 0xff, 0xff, 0xff, 0x0f] : Garbage(i);
                await TrySendAsync(socket, bytes, cancellation);
                await DrainAsync(socket, TimeSpan.FromMilliseconds(5), cancellation);
            }

            Assert.True((await Target.RunCliAsync("status")).IsSuccess);
        });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(-1)]
    public async Task Snapshot_that_was_cut_or_changed_is_refused_by_name_and_the_node_comes_back(int keep)
    {
        fixture.RequireMesh();
        MeshNode node = fixture.Mesh.Node("edge-a");
        await node.Control!.StopAsync();
        await node.Dataplane!.StopAsync();
        string snapshot = Path.Combine(node.StateDirectory, "snapshot.bin");
        byte[] bytes = await File.ReadAllBytesAsync(snapshot);
        if (keep < 0)
        {
            bytes[bytes.Length / 2] ^= 0xff;
        }
        else
        {
            bytes = bytes[..Math.Min(keep, bytes.Length)];
        }

        await File.WriteAllBytesAsync(snapshot, bytes);
        int logged = node.Dataplane.Log.Length;
        node.StartDataplane();
        Assert.True(
            await Eventually.IsTrueAsync(
                async () => (await node.RunCliAsync("status")).IsSuccess, TimeSpan.FromSeconds(5)),
            node.Dataplane.Log[logged..]);
        Assert.Contains("snapshot", node.Dataplane.Log[logged..], StringComparison.Ordinal);
        Assert.Equal(0, (await node.StatusAsync()).Count("peers_known"));
        node.StartControl();
        await fixture.Mesh.WaitUntilConnectedAsync();
    }

    // Runs an attack on cloud-1 while its pods and edge-a's ping each other; then all must be as it should.
    private async Task BesiegeAsync(Func<CancellationToken, Task> attackAsync)
    {
        using var limit = new CancellationTokenSource(Siege);
        LabProcess process = Target.Dataplane!;
        await using var honest = new HonestTraffic(
            fixture.Lab.Pod("edge-a-pod1"), fixture.Lab.Pod("cloud-1-pod1"));
        var clock = Stopwatch.StartNew();
        await attackAsync(limit.Token);
        (int sent, int answered, double worstMillis) = await honest.StopAsync();
        TestContext.Current.SendDiagnosticMessage(
            "siege of {0:0.0} s: {1} of {2} honest datagrams answered, the slowest in {3:0} ms; resident {4} KiB",
            clock.Elapsed.TotalSeconds, answered, sent, worstMillis, process.ResidentPeakKibibytes);
        Assert.True(process.IsRunning, "the dataplane ended: " + process.Log);
        Assert.Equal(sent, answered);
        Assert.True(
            process.ResidentPeakKibibytes <= ResidentKibibytesMax,
            $"resident memory rose to {process.ResidentPeakKibibytes} KiB");
        await fixture.Mesh.WaitUntilConnectedAsync();
    }

    private Socket[] Open(int count) => Stranger.Inside(() => Enumerable.Range(0, count)
        .Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)).ToArray());

    private async Task<bool> TryConnectAsync(Socket socket, CancellationToken cancellation)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(TimeSpan.FromSeconds(5));
            await socket.ConnectAsync(Door, limit.Token);
            return true;
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            cancellation.ThrowIfCancellationRequested();
            return false;
        }
    }

    private static async Task TrySendAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        try
        {
            await socket.SendAsync(bytes, SocketFlags.None, cancellation);
        }
        catch (SocketException)
        {
            // Shown the door already.
        }
    }

    private static async Task DrainAsync(Socket socket, TimeSpan time, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(time);
        try
        {
            while (await socket.ReceiveAsync(new byte[4096], SocketFlags.None, limit.Token) > 0)
            {
            }
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            cancellation.ThrowIfCancellationRequested();
        }
    }

    private static byte[] Garbage(int seed)
    {
        var random = new Random(seed);
        byte[] bytes = new byte[random.Next(1, 2000)];
        random.NextBytes(bytes);
        return bytes;
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Cluster;
using EdgeMesh.Cluster.Shards;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.ControlPlane.DesiredState;
using EdgeMesh.ControlPlane.Sources.Kubernetes;
using EdgeMesh.Kubernetes.Access;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.UnitTests.Cluster;
using EdgeMesh.UnitTests.ControlChannel;
using EdgeMesh.UnitTests.Kubernetes;
using Xunit;

namespace EdgeMesh.UnitTests.ControlPlane.Kubernetes;

/// <summary>
/// The control process of a node, as far as the cluster concerns it, with a controller that writes and time that
/// jumps.
/// </summary>
internal sealed class EdgeNode : IAsyncDisposable
{
    internal const string Name = "edge-1";
    internal const string Namespace = "kubeedge";
    private const int StepsMax = 100_000;

    private readonly LogLines _lines = new();
    private readonly Bench _bench;
    private readonly FakeCluster _cluster;
    private readonly string? _stateDirectory;
    private CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    internal EdgeNode(KubeAccess access, string? stateDirectory = null)
    {
        _bench = new Bench(access);
        _cluster = new FakeCluster();
        _stateDirectory = stateDirectory;
        Desired = new DesiredMesh(stateDirectory, _lines.Log);
    }

    internal Bench Bench => _bench;

    internal FakeCluster Cluster => _cluster;

    internal DesiredMesh Desired { get; private set; }

    internal ProblemBoard Board { get; private set; } = new();

    internal SharedValue<DataplaneFacts> Facts { get; } = new();

    internal SharedValue<SourceState> State { get; private set; } = new();

    internal ulong InForce => Desired.Read().Document?.Generation ?? 0;

    internal IReadOnlyList<string> Problems => Board.Read().Problems;

    internal string Log => _lines.Text;

    /// <summary>A mesh of this node and some others, valid by the rules.</summary>
    internal static MeshDocument Mesh(byte last, int others = 1)
    {
        MeshNode own = SampleMeshes.Node(Name, 1, $"10.244.5.{last}/32");
        IEnumerable<MeshNode> rest = Enumerable.Range(0, others).Select(i =>
        {
            byte[] key = new byte[32];
            new Random(i).NextBytes(key);
            MeshNode node = SampleMeshes.Node($"n-{i:0000}", 2, $"10.244.1.{i % 256}/32");
            node.PeerId = Google.Protobuf.ByteString.CopyFrom([.. node.PeerId.Span[..6], .. key]);
            node.Prefixes.Clear();
            return node;
        });
        return SampleMeshes.Document(0, [own, .. rest]);
    }

    /// <summary>The process begins, with what an earlier one has left in its state directory.</summary>
    internal void Start()
    {
        Board = new ProblemBoard();
        State = new SharedValue<SourceState>();
        _stop = new CancellationTokenSource();
        var access = new SharedValue<ClusterAccess>();
        access.Set(new ClusterAccess(_bench.Client, Namespace));
        var intake = new ShardIntake(Name, Desired, Facts, State, Board, _lines.Log);
        var source = new KubernetesMeshSource(access, intake, Board, _lines.Log);
        var publisher = new NodePublisher(
            Name, "edge_tun0", new KubernetesOptions(null, new KubeDetectionOptions(), null, ["192.0.2.1"]), access,
            Facts, Desired, intake, Board, _lines.Log);
        CancellationToken stop = _stop.Token;
        _running = Task.WhenAll(
            Task.Run(() => source.RunAsync(stop), CancellationToken.None),
            Task.Run(() => publisher.RunAsync(stop), CancellationToken.None));
    }

    /// <summary>The process ends, or the machine: what is on disk stays.</summary>
    internal async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running.ContinueWith(static _ => { }, TaskScheduler.Default);
        _stop.Dispose();
        await Desired.DisposeAsync();
        Desired = new DesiredMesh(_stateDirectory, _lines.Log);
    }

    /// <summary>The controller writes a mesh.</summary>
    /// <returns>Its generation.</returns>
    internal ulong Publish(MeshDocument content, bool reachesNode = true)
    {
        _cluster.Uptime += TimeSpan.FromSeconds(1);
        ShardPlan plan = _cluster.Publish(content)!;
        if (reachesNode)
        {
            Write(plan.Writes);
        }

        return plan.Document.Generation;
    }

    internal void Write(IEnumerable<ClusterObject> objects)
    {
        var access = new ClusterAccess(_bench.Client, Namespace);
        foreach (ClusterObject written in objects)
        {
            _bench.Api.Put(KubeResources.ConfigMaps, access.Write(written));
        }
    }

    /// <summary>Waits until something is so, and lets time pass meanwhile, from timer to timer.</summary>
    internal async Task UntilAsync(Func<bool> isSo)
    {
        for (int step = 0; step < StepsMax && !isSo(); step++)
        {
            await StepAsync();
        }

        Assert.True(isSo(), $"in force is {InForce}; {string.Join("; ", Problems)}\n{_lines.Text}");
    }

    /// <summary>Lets time pass, from timer to timer.</summary>
    internal async Task PassAsync(TimeSpan time)
    {
        long begun = _bench.Time.GetTimestamp();
        while (_bench.Time.GetElapsedTime(begun) < time)
        {
            await StepAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Desired.DisposeAsync();
        _bench.Dispose();
    }

    // There is always one: the publisher looks every 15 seconds.
    private async Task StepAsync()
    {
        TimeSpan left = await _bench.Time.WaitingForAsync(TimeSpan.Zero, TimeSpan.FromDays(1))
            .WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        _bench.Time.Advance(left);
        await Task.Yield();
    }
}

using System;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.ControlPlane.DesiredState;
using EdgeMesh.Logging;
using EdgeMesh.UnitTests.ControlChannel;
using Xunit;
using static EdgeMesh.UnitTests.ControlChannel.SampleMeshes;

namespace EdgeMesh.SystemTests.ControlPlane;

public sealed class SnapshotPublisherTests : IAsyncDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private readonly TemporaryDirectory _directory = new();
    private readonly Channel<Request> _requests = Channel.CreateUnbounded<Request>();
    private readonly DesiredMesh _desired = new(null, StructuredLog.None);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private ControlServer? _server;
    private MeshDocument? _inForce;  // of the data plane that is played here
    private readonly Channel<ControlReport> _reports = Channel.CreateUnbounded<ControlReport>();
    private readonly SharedValue<DataplaneFacts> _facts = new();
    private readonly SharedValue<SourceState> _source = new();
    private readonly ProblemBoard _board = new();
    private volatile bool _isForgetful;
    private volatile bool _isOld;

    public SnapshotPublisherTests()
    {
        var publisher = new SnapshotPublisher(
            SocketPath, _desired, StructuredLog.None, _facts, _source, _board);
        _running = Task.Run(() => publisher.RunAsync(_stop.Token));
    }

    private string SocketPath => _directory.File("control.sock");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ContinueWith(_ => { }, TaskScheduler.Default);
        await (_server?.DisposeAsync() ?? default);
        _stop.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task First_comes_a_snapshot_then_deltas()
    {
        StartServer();
        Accept(Node("a", 1));
        Assert.Equal(1ul, (await NextAsync()).ApplySnapshot.Generation);
        Accept(Node("a", 1), Node("b", 2));
        MeshDelta delta = (await NextAsync()).ApplyDelta;
        Assert.Equal((1ul, 2ul, "b"), (delta.BaseGeneration, delta.Generation, Assert.Single(delta.Upserts).Name));
        Accept(Node("b", 2));
        Assert.Equal(["a"], (await NextAsync()).ApplyDelta.Removals);
    }

    [Fact]
    public async Task A_data_plane_that_comes_late_or_again_gets_a_snapshot()
    {
        Accept(Node("a", 1));
        await Task.Delay(300); // some attempts fail
        StartServer();
        Assert.NotNull((await NextAsync()).ApplySnapshot);
        await _server!.DisposeAsync();
        Accept(Node("b", 1));
        StartServer();
        Assert.Equal("b", (await NextAsync()).ApplySnapshot.Nodes[0].Name);
    }

    [Fact]
    public async Task A_refused_delta_is_followed_by_a_snapshot()
    {
        StartServer();
        Accept(Node("a", 1));
        await NextAsync();
        _isForgetful = true;
        Accept(Node("b", 1));
        Assert.NotNull((await NextAsync()).ApplyDelta);
        Assert.Equal(2ul, (await NextAsync()).ApplySnapshot.Generation);
    }

    [Fact]   // generations of two sources can't be compared
    public async Task A_document_of_another_source_comes_as_a_snapshot_also_with_a_lower_generation()
    {
        StartServer();
        AcceptCounted(7, "a");
        Assert.Equal(7ul, (await NextAsync()).ApplySnapshot.Generation);
        AcceptCounted(9, "b");
        Assert.Equal(9ul, (await NextAsync()).ApplyDelta.Generation);
        Assert.Equal(MeshSources.File, Volatile.Read(ref _inForce)!.Source);
        MeshDocument other = Document(2, Node("c", 1));
        other.Source = "elsewhere";
        _desired.Accept(other);
        MeshDocument sent = (await NextAsync()).ApplySnapshot;
        Assert.Equal((2ul, "elsewhere"), (sent.Generation, sent.Source));
    }

    [Fact]
    public async Task Without_kept_state_the_generation_is_lifted_over_the_data_plane_s()
    {
        _inForce = Document(41, Node("old", 1));
        StartServer();
        Accept(Node("a", 1));
        await UntilAsync(() => Volatile.Read(ref _inForce)!.Generation == 42);
        Assert.Equal("a", _inForce.Nodes[0].Name);
    }

    [Fact]
    public async Task Reports_tell_source_trust_and_problems_and_the_data_plane_s_facts_are_learned()
    {
        StartServer();
        MeshDocument mesh = Document(7, Node("a", 1, "10.244.1.0/24"));
        mesh.Source = "kubernetes/uid";
        _desired.Accept(mesh);
        _source.Set(new SourceState("pinned", Environment.TickCount64 - 3000));
        _board.Set(ProblemBoard.Kernel, ["no nft here"]);
        ControlReport report = await ReportAsync(seen => seen.Problems.Count > 0 && seen.Generation > 0);
        Assert.Equal(("kubernetes/uid", 7ul, "pinned"), (report.Source, report.Generation, report.Trust));
        Assert.Equal(["no nft here"], report.Problems);
        Assert.InRange(report.ShardAgeSeconds, 3, 60);
        Assert.Equal(new DataplaneFacts("12D3KooW", "1", ["/ip4/0.0.0.0/tcp/20006"]), _facts.Read().Value);
        _board.Set(ProblemBoard.Kernel, []);
        await ReportAsync(seen => seen.Problems.Count == 0);
    }

    [Fact]
    public async Task An_older_data_plane_is_told_once_and_gets_its_documents_all_the_same()
    {
        _isOld = true;
        StartServer();
        await ReportAsync(_ => true);
        _board.Set(ProblemBoard.Kernel, ["no nft here"]);
        Accept(Node("a", 1));
        Assert.Equal(1ul, (await NextAsync()).ApplySnapshot.Generation);
        Accept(Node("b", 1));
        Assert.NotNull((await NextAsync()).ApplyDelta);
        Assert.False(_reports.Reader.TryRead(out _));
    }

    private async Task<ControlReport> ReportAsync(Func<ControlReport, bool> isSo)
    {
        using var soon = new CancellationTokenSource(Soon);
        while (true)
        {
            ControlReport report = await _reports.Reader.ReadAsync(soon.Token);
            if (isSo(report))
            {
                return report;
            }
        }
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        for (int i = 0; i < 1000 && !isSo(); i++)
        {
            await Task.Delay(10);
        }

        Assert.True(isSo());
    }

    private void AcceptCounted(ulong generation, string name)
    {
        MeshDocument document = Document(generation, Node(name, 1));
        document.Source = MeshSources.File;
        _desired.Accept(document);
    }

    private void Accept(params MeshNode[] nodes) => _desired.Accept(Document(0, nodes));

    private Task<Request> NextAsync() => _requests.Reader.ReadAsync().AsTask().WaitAsync(Soon);

    private void StartServer() => _server = ControlServer.Start(SocketPath, (request, _, _) =>
    {
        if (request.BodyCase == Request.BodyOneofCase.Status)
        {
            return new(new Response
            {
                Status = new Status
                {
                    Generation = _inForce?.Generation ?? 0,
                    PeerId = "12D3KooW",
                    Version = "1",
                    Listen = { "/ip4/0.0.0.0/tcp/20006" },
                },
            });
        }

        if (request.BodyCase == Request.BodyOneofCase.Report)
        {
            _reports.Writer.TryWrite(request.Report);
            return _isOld
                ? throw new RequestRefusedException(ErrorCode.Unsupported, "older")
                : new(new Response { Reported = new Reported() });
        }

        _requests.Writer.TryWrite(request);
        if (request.BodyCase == Request.BodyOneofCase.ApplySnapshot)
        {
            _isForgetful = false;
            Volatile.Write(ref _inForce, request.ApplySnapshot);
        }
        else
        {
            Volatile.Write(ref _inForce, MeshDocuments.Apply(_isForgetful ? null : _inForce, request.ApplyDelta));
        }

        return new(new Response { Applied = new Applied { Generation = _inForce!.Generation } });
    }, _ => { });
}

using System;
using System.Net;
using System.Threading.Tasks;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.Dataplane.Configuration;
using EdgeMesh.Dataplane.Mesh;
using EdgeMesh.Dataplane.Model;
using EdgeMesh.Io;
using EdgeMesh.Libp2p;
using EdgeMesh.Libp2p.Connections;
using EdgeMesh.Libp2p.Identity;
using EdgeMesh.Logging;
using EdgeMesh.Packets;
using EdgeMesh.State;
using EdgeMesh.Tunnel.Lanes;
using EdgeMesh.Tunnel.Links;
using EdgeMesh.Tunnel.Paths;
using EdgeMesh.Tunnel.Workers;
using EdgeMesh.Underlay;
using EdgeMesh.UnitTests.ControlChannel;
using EdgeMesh.UnitTests.Io;
using EdgeMesh.UnitTests.Tunnel;
using Google.Protobuf;

namespace EdgeMesh.UnitTests.Dataplane.Model;

/// <summary>A node of one worker whose loops the test turns: no kernel, no thread of its own.</summary>
internal sealed class HandNode : IAsyncDisposable
{
    private readonly KeyPair _own = KeyPair.Generate();
    private readonly KeyPair _peer = KeyPair.Generate();
    private readonly HandLoop _loop = new();
    private readonly TemporaryDirectory _directory = new();
    private readonly LinkLoop _links;
    private readonly MeshState _mesh;
    private ulong _generation;

    public HandNode(params Transport[] transports)
    {
        PathReports reports = new(_loop);
        LinkEvents events = new();
        WorkerOptions common = new() { NodeName = "n0", Workers = 1, Instance = 1, FlowSeed = 1 };
        HandLoop workerLoop = new();
        Worker = new Worker(
            0, common, workerLoop, new HandFedDevice(Pool), Pool, MakeHost(workerLoop), reports, StructuredLog.None);
        _links = new LinkLoop(
            new LinkOptions { PeerId = _own.PeerId, Random = new Random(1) },
            _loop, transports, [], MakeHost(_loop), events, StructuredLog.None, [Worker], reports);
        _mesh = new MeshState(
            new MeshCompiler("n0", _own.PeerId),
            new StateFile(_directory.File("snapshot.bin"), ControlLimits.MessageBytesMax),
            StructuredLog.None,
            view =>
            {
                Worker.Publish(view);
                _links.Publish(view);
            });
        Node = new RunningNode
        {
            Options = Options(_directory.Path),
            PeerId = _own.PeerId,
            Offloads = [],
            ReadTunQueueDrops = () => TunQueueDrops,
            IsTunUp = () => IsTunUp,
            Pulses = [new LoopPulse("worker-0", workerLoop, Time), new LoopPulse("links", _loop, Time)],
            Workers = [Worker],
            Loops = [],
            Links = _links,
            Events = events,
            Mesh = _mesh,
        };
    }

    public RunningNode Node { get; }

    public Worker Worker { get; }

    public PacketPool Pool { get; } = new(1 << 20);

    public long TunQueueDrops { get; set; }

    public bool IsTunUp { get; set; } = true;

    public SetTime Time { get; } = new();

    /// <summary>Puts a mesh document in force, with or without the one peer, <c>n1</c>.</summary>
    public void Apply(bool hasPeer, params string[] addresses)
    {
        MeshDocument document = new() { Generation = ++_generation, Source = "file" };
        document.Nodes.Add(NodeOf("n0", _own, "10.0.0.0"));
        if (hasPeer)
        {
            MeshNode peer = NodeOf("n1", _peer, "10.0.1.0");
            peer.Addresses.AddRange(addresses);
            document.Nodes.Add(peer);
        }

        _mesh.Apply(document);
        Run();
    }

    /// <summary>Turns the loops until nothing is left to do.</summary>
    public void Run()
    {
        ((HandLoop)Worker.Loop).Run();
        _loop.Run();
    }

    /// <summary>Turns the links' loop only.</summary>
    public void RunLinks() => _loop.Run();

    /// <summary>Turns the loops until a task of another thread ends.</summary>
    public async Task<T> RunAsync<T>(Task<T> task)
    {
        while (!task.IsCompleted)
        {
            Run();
            await Task.Yield();
        }

        return await task;
    }

    public async ValueTask DisposeAsync()
    {
        _links.Stop();
        Worker.Dispose();
        _links.Dispose();
        await _mesh.DisposeAsync();
        _own.Dispose();
        _peer.Dispose();
        _directory.Dispose();
    }

    private static MeshNode NodeOf(string name, KeyPair key, string prefix)
    {
        MeshNode node = new() { Name = name, PeerId = ByteString.CopyFrom(key.PeerId.Bytes.Span) };
        node.Prefixes.Add(new IpPrefix
        {
            Address = ByteString.CopyFrom(IPAddress.Parse(prefix).GetAddressBytes()),
            Length = 24,
        });
        return node;
    }

    private static DataplaneOptions Options(string directory) => new()
    {
        Node = "n0",
        StateDirectory = directory,
        SocketPath = "/none",
        Listen = [],
        IsListenDefault = true,
        TunName = "edge_tun0",
        MtuBytes = 1400,
        Workers = 1,
        Io = IoBackend.Epoll,
        Offload = false,
        PoolMebibytes = 1,
        HugePages = false,
        WindowKibibytes = DataplaneOptions.WindowKibibytesDefault,
        Metrics = null,
        LogLevel = LogLevel.Error,
    };

    private Host MakeHost(Loop loop) =>
        new(_own, new HostOptions { Connection = new ConnectionOptions { Time = new LoopTime(loop) } });
}

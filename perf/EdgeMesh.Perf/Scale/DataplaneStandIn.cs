using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.Perf.Scale;

/// <summary>
/// Stands for the data plane of the real node: takes documents, says what it has, and notes when prefixes come.
/// </summary>
internal sealed class DataplaneStandIn : IAsyncDisposable
{
    private readonly ControlServer _server;
    private readonly string _node;
    private readonly string _peerId;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, MeshNode> _nodes = [];
    private ulong _generation;
    private string _source = "";

    /// <summary>Listens.</summary>
    /// <param name="socketPath">Where.</param>
    /// <param name="node">Number of the node.</param>
    public DataplaneStandIn(string socketPath, int node)
    {
        _node = ScalePlan.NodeName(node);
        _peerId = ScalePlan.PeerIdOf(node);
        _server = ControlServer.Start(socketPath, Answer, static _ => { });
    }

    /// <summary>What came, and when.</summary>
    public ArrivalLog Arrivals { get; } = new();

    /// <summary>The generation in force; 0: none.</summary>
    public ulong Generation
    {
        get
        {
            lock (_lock)
            {
                return _generation;
            }
        }
    }

    /// <summary>Prefixes in force.</summary>
    public int Prefixes
    {
        get
        {
            lock (_lock)
            {
                return _nodes.Values.Sum(node => node.Prefixes.Count);
            }
        }
    }

    /// <summary>Nodes in force.</summary>
    public int Nodes
    {
        get
        {
            lock (_lock)
            {
                return _nodes.Count;
            }
        }
    }

    /// <summary>Ends it.</summary>
    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private ValueTask<Response> Answer(Request request, ControlCaller caller, CancellationToken cancel)
    {
        lock (_lock)
        {
            return ValueTask.FromResult(request.BodyCase switch
            {
                Request.BodyOneofCase.ApplySnapshot => Take(request.ApplySnapshot),
                Request.BodyOneofCase.ApplyDelta => Take(request.ApplyDelta),
                Request.BodyOneofCase.Status => new Response { Status = Describe() },
                Request.BodyOneofCase.Report => new Response { Reported = new Reported() },
                _ => throw new RequestRefusedException(
                    ErrorCode.Unsupported, "the stand-in does not know this request"),
            });
        }
    }

    private Response Take(MeshDocument document)
    {
        HashSet<string> gone = [.. _nodes.Keys];
        foreach (MeshNode node in document.Nodes)
        {
            gone.Remove(node.Name);
            if (!_nodes.TryGetValue(node.Name, out MeshNode? before) || !before.Equals(node))
            {
                Put(node);
            }
        }

        foreach (string name in gone)
        {
            _nodes.Remove(name);
        }

        _generation = document.Generation;
        _source = document.Source;
        return new Response { Applied = new Applied { Generation = _generation } };
    }

    private Response Take(MeshDelta delta)
    {
        if (delta.BaseGeneration != _generation)
        {
            throw new RequestRefusedException(ErrorCode.Generation, "the delta is for another generation");
        }

        foreach (MeshNode node in delta.Upserts)
        {
            Put(node);
        }

        foreach (string name in delta.Removals)
        {
            _nodes.Remove(name);
        }

        _generation = delta.Generation;
        return new Response { Applied = new Applied { Generation = _generation } };
    }

    private void Put(MeshNode node)
    {
        _nodes[node.Name] = node;
        Arrivals.Add(node.Name, node.Prefixes);
    }

    private Status Describe()
    {
        var status = new Status
        {
            Node = _node,
            PeerId = _peerId,
            Version = ProductVersion.Text,
            Generation = _generation,
            GenerationSource = _source,
            ControlConnected = true,
            SnapshotSource = _generation == 0 ? "none" : "control",
            Workers = 1,
        };
        status.Listen.Add($"/ip4/0.0.0.0/tcp/{ScalePlan.ListenPort}");
        return status;
    }
}

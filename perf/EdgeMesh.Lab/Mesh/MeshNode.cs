using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Threading.Tasks;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Lab.Running;

namespace EdgeMesh.Lab.Mesh;

/// <summary>The product's processes on one node, and its command line.</summary>
public sealed class MeshNode : IAsyncDisposable
{
    /// <summary>The underlay port every node listens on.</summary>
    public const int ListenPort = 20006;

    /// <summary>Where metrics are served, in the node's namespace.</summary>
    public const string MetricsAddress = "127.0.0.1:9464";

    /// <summary>Where its control process answers probes.</summary>
    public const string ControlAddress = "127.0.0.1:9465";

    private readonly List<LabProcess> _ended = [];

    internal MeshNode(LabNode node, MeshOptions options)
    {
        Node = node;
        Options = options;
    }

    /// <summary>The node it runs on.</summary>
    public LabNode Node { get; }

    /// <summary>How the dataplane is started the next time.</summary>
    public MeshOptions Options { get; set; }

    /// <summary>The node's name.</summary>
    public string Name => Node.Name;

    /// <summary>Its peer id, once known.</summary>
    public string PeerId { get; private set; } = "";

    /// <summary>The dataplane's control socket.</summary>
    public string SocketPath => Node.PathOf("dataplane.sock");

    /// <summary>The dataplane's state: key and snapshot.</summary>
    public string StateDirectory => Node.PathOf("state");

    /// <summary>The mesh file of this node's control process.</summary>
    public string MeshPath => Path.Combine(Node.PathOf("mesh"), "mesh.yaml");

    /// <summary>The dataplane, if it was started.</summary>
    public LabProcess? Dataplane { get; private set; }

    /// <summary>The control process, if it was started.</summary>
    public LabProcess? Control { get; private set; }

    /// <summary>This node's entry for a mesh file.</summary>
    public MeshDocumentNode ToDocumentNode() => new(
        Name,
        PeerId,
        [string.Create(CultureInfo.InvariantCulture, $"/ip4/{Node.Plan.Underlay}/tcp/{ListenPort}")],
        [Node.Plan.Prefix4.ToString(), Node.Plan.Prefix6.ToString()]);

    /// <summary>Makes the node's key if there is none, and reads its peer id.</summary>
    public async Task IdentifyAsync()
    {
        Directory.CreateDirectory(StateDirectory);
        Directory.CreateDirectory(Path.GetDirectoryName(MeshPath)!);
        CommandResult result = await Command.RunAsync(
            [Program("edgemesh-dataplane"), "identity", "--state", StateDirectory]);
        PeerId = result.OrThrow().Output.Trim();
    }

    /// <summary>Starts the dataplane.</summary>
    public LabProcess StartDataplane()
    {
        string listen = string.Create(CultureInfo.InvariantCulture, $"/ip4/{Node.Plan.Underlay}/tcp/{ListenPort}");
        List<string> words =
        [
            Program("edgemesh-dataplane"), "run", "--node", Name, "--state", StateDirectory,
            "--socket", SocketPath, "--listen", listen, "--io", Options.Io, "--offload", Options.Offload,
            "--workers", Options.Workers.ToString(CultureInfo.InvariantCulture),
            "--metrics", MetricsAddress, "--log-level", Options.LogLevel, .. Options.MoreWords,
        ];
        if (Options.MtuBytes is { } mtu)
        {
            words.AddRange(["--mtu", mtu.ToString(CultureInfo.InvariantCulture)]);
        }

        if (Dataplane is not null)
        {
            _ended.Add(Dataplane);
        }

        return Dataplane = Node.Network.Start("dataplane", words);
    }

    /// <summary>Starts the control process.</summary>
    public LabProcess StartControl()
    {
        if (Control is not null)
        {
            _ended.Add(Control);
        }

        return Control = Node.Network.Start(
            "control",
            [
                Program("edgemesh-control"), "run", "--node", Name, "--mesh", MeshPath,
                "--socket", SocketPath, "--state", Node.PathOf("control-state"),
            ]);
    }

    /// <summary>Runs the operator's command line, whatever it answers.</summary>
    public Task<CommandResult> RunCliAsync(params string[] words) =>
        Node.Network.RunAsync([Program("edgemesh"), .. words, "--socket", SocketPath]);

    /// <summary>Runs the operator's command line and reads its JSON.</summary>
    public async Task<CliView> AskAsync(params string[] words)
    {
        CommandResult result = await RunCliAsync([.. words, "--output", "json"]);
        return CliView.Parse(result.OrThrow().Output);
    }

    /// <summary><c>edgemesh status</c>.</summary>
    public Task<CliView> StatusAsync() => AskAsync("status");

    /// <summary><c>edgemesh drops</c>: packets by reason; reasons never seen are left out.</summary>
    public async Task<IReadOnlyDictionary<string, long>> DropsAsync()
    {
        CliView drops = await AskAsync("drops");
        return drops.Items("drops")
            .Where(drop => drop.Count("packets") > 0)
            .ToDictionary(drop => drop.Text("reason"), drop => drop.Count("packets"));
    }

    /// <summary>The text of the metrics page.</summary>
    public async Task<string> MetricsAsync()
    {
        (HttpStatusCode status, string text) = await GetAsync(MetricsAddress, "/metrics");
        return status == HttpStatusCode.OK ? text : throw new HttpRequestException($"{status}: {text}");
    }

    /// <summary>Asks one of the node's own endpoints, from within its network.</summary>
    /// <param name="address">Address and port.</param>
    /// <param name="path">The page.</param>
    /// <returns>Status and body.</returns>
    public async Task<(HttpStatusCode Status, string Text)> GetAsync(string address, string path)
    {
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) => new NetworkStream(
                await Node.Network.ConnectAsync(IPEndPoint.Parse(address), cancellation), ownsSocket: true),
        };
        using var client = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(5) };
        using HttpResponseMessage response = await client.GetAsync(new Uri($"http://{address}{path}"));
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Removes what the product put into the kernel.</summary>
    public Task<CommandResult> CleanupAsync() =>
        Node.Network.RunAsync(Program("edgemesh-control"), "cleanup");

    private string Program(string name) => Repository.Program(name, Options.ProgramDirectory);

    /// <summary>Ends both processes.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (LabProcess? process in (LabProcess?[])[Control, Dataplane, .. _ended])
        {
            if (process is not null)
            {
                await process.DisposeAsync();
            }
        }
    }
}

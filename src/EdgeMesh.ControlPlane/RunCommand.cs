using System;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.ControlPlane.DesiredState;
using EdgeMesh.ControlPlane.Health;
using EdgeMesh.ControlPlane.Kernel;
using EdgeMesh.ControlPlane.Sources.Kubernetes;
using EdgeMesh.Kubernetes.Access;
using EdgeMesh.Logging;

namespace EdgeMesh.ControlPlane;

/// <summary>The command line of <c>edgemesh-control run</c>.</summary>
internal sealed class RunCommand
{
    private const string FileSource = "file";
    private const string KubernetesSource = "kubernetes";
    private const string HealthDefault = "127.0.0.1:9465";
    private const string SocketDefault = "/run/edgemesh/dataplane.sock";

    private readonly Option<string> _node =
        new("--node") { Description = "name of this node, as the mesh has it", Required = true };
    private readonly Option<string?> _source = new("--source")
    {
        Description = "where the desired state comes from: file or kubernetes; file if --mesh is given",
    };
    private readonly Option<string?> _mesh = new("--mesh") { Description = "mesh.yaml; watched" };
    private readonly Option<string?> _shards = new("--shards")
    {
        Description = "directory where the mesh's ConfigMaps are mounted; watched. Without it they are read by the API",
    };
    private readonly Option<string?> _namespace = new("--namespace")
    {
        Description = "namespace of the mesh's ConfigMaps; the service account's, else kubeedge",
    };
    private readonly Option<string?> _kubeconfig = new("--kubeconfig") { Description = "way to the API" };
    private readonly Option<string?> _metaServer = new("--metaserver")
    {
        Description = "URL of KubeEdge's metaServer, the way to the API at the edge; found by itself if it listens",
    };
    private readonly Option<string?> _metaServerCa =
        new("--metaserver-ca") { Description = "PEM file of the authority that metaServer's certificate comes from" };
    private readonly Option<string?> _metaServerCert =
        new("--metaserver-cert") { Description = "PEM file of this client's certificate" };
    private readonly Option<string?> _metaServerKey =
        new("--metaserver-key") { Description = "PEM file of the certificate's key" };
    private readonly Option<string[]> _advertise = new("--advertise")
    {
        Description = "address at which others dial this node (an address, a name, HOST:PORT or a multiaddr); may be "
            + "repeated. Its own ones unless given",
        DefaultValueFactory = static _ => [],
    };
    private readonly Option<string> _socket = new("--socket")
    {
        Description = "control socket of edgemesh-dataplane",
        DefaultValueFactory = static _ => SocketDefault,
    };
    private readonly Option<string?> _state = new("--state")
    {
        Description = "directory that keeps generation and last good document over restarts",
    };
    private readonly Option<string> _sysctlRoot = new("--sysctl-root")
    {
        Description = "where the kernel shows its settings; net/ below it has to be writable",
        DefaultValueFactory = static _ => Sysctl.RootDefault,
    };

    private readonly Option<HealthAddress> _health = HealthAddress.Option(HealthDefault);

    private readonly Option<string> _tun;
    private readonly Option<string> _level;

    private RunCommand(Option<string> tun, Option<string> level)
    {
        _tun = tun;
        _level = level;
        _source.AcceptOnlyFromAmong(FileSource, KubernetesSource);
    }

    /// <summary>Makes the command.</summary>
    /// <param name="tun">The option that all commands share.</param>
    /// <param name="level">The other one.</param>
    /// <param name="run">Runs with options until told to stop.</param>
    internal static Command Build(
        Option<string> tun, Option<string> level, Func<RunOptions, string, CancellationToken, Task<int>> run)
    {
        var line = new RunCommand(tun, level);
        var command = new Command("run", "Keeps data plane and kernel at the desired state.")
        {
            line._node, line._source, line._mesh, line._shards, line._namespace, line._kubeconfig, line._metaServer,
            line._metaServerCa, line._metaServerCert, line._metaServerKey, line._advertise, line._socket, line._state,
            line._sysctlRoot, line._health, tun, level,
        };
        command.Validators.Add(line.Validate);
        command.SetAction((parsed, cancel) => run(line.Read(parsed), parsed.GetValue(level)!, cancel));
        return command;
    }

    private void Validate(CommandResult result)
    {
        bool hasMesh = result.GetValue(_mesh) is not null;
        string source = result.GetValue(_source) ?? (hasMesh ? FileSource : KubernetesSource);
        if (source == FileSource && !hasMesh)
        {
            result.AddError("--source file needs --mesh FILE: give mesh.yaml");
        }
        else if (source == KubernetesSource && hasMesh)
        {
            result.AddError("--mesh is of --source file: drop one of the two, as a node has one source");
        }

        if (result.GetValue(_metaServer) is string url
            && !(Uri.TryCreate(url, UriKind.Absolute, out Uri? server) && server.Scheme is "http" or "https"))
        {
            result.AddError($"--metaserver '{url}' is no URL: write it as in http://127.0.0.1:10550");
        }

        if (result.GetValue(_metaServerCert) is null != result.GetValue(_metaServerKey) is null)
        {
            result.AddError("--metaserver-cert and --metaserver-key belong together: give both or none");
        }

        foreach (string address in result.GetValue(_advertise) ?? [])
        {
            if (!AdvertisedAddress.TryParse(address, 1, out _, out string? error))
            {
                result.AddError($"--advertise {error}");
            }
        }
    }

    private RunOptions Read(ParseResult parsed)
    {
        string? mesh = parsed.GetValue(_mesh);
        bool hasTls = parsed.GetValue(_metaServerCa) is not null || parsed.GetValue(_metaServerCert) is not null;
        return new RunOptions(
            parsed.GetValue(_node)!,
            mesh,
            mesh is not null ? null : new KubernetesOptions(
                parsed.GetValue(_namespace),
                new KubeDetectionOptions
                {
                    Kubeconfig = parsed.GetValue(_kubeconfig),
                    MetaServer = parsed.GetValue(_metaServer) is string url ? new Uri(url) : null,
                    MetaServerTls = !hasTls ? null : new KubeTlsFiles(
                        parsed.GetValue(_metaServerCa), parsed.GetValue(_metaServerCert),
                        parsed.GetValue(_metaServerKey)),
                    NodeName = parsed.GetValue(_node),
                },
                parsed.GetValue(_shards),
                parsed.GetValue(_advertise) ?? []),
            parsed.GetValue(_socket)!,
            parsed.GetValue(_state),
            parsed.GetValue(_tun)!,
            parsed.GetValue(_sysctlRoot)!,
            StructuredLog.TryParseLevel(parsed.GetValue(_level), out LogLevel known) ? known : LogLevel.Info)
        {
            Health = parsed.GetValue(_health)!.EndPoint,
        };
    }
}

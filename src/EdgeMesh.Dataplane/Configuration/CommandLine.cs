using System;
using System.CommandLine;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Io;
using EdgeMesh.Logging;
using EdgeMesh.Packets;

namespace EdgeMesh.Dataplane.Configuration;

/// <summary>The commands of <c>edgemesh-dataplane</c> and their options.</summary>
internal static class CommandLine
{
    /// <summary>Address of the metrics endpoint unless told otherwise.</summary>
    public const string MetricsDefault = "127.0.0.1:9464";

    /// <summary><c>identity --state DIR</c>: prints the peer id, making the key if there is none.</summary>
    public static Command IdentityCommand(Action<string> print)
    {
        Option<string> state = StateOption();
        Command command = new("identity", "Prints this node's peer id, making its key if there is none.") { state };
        command.SetAction(parsed =>
        {
            print(parsed.GetValue(state)!);
            return 0;
        });
        return command;
    }

    /// <summary><c>run</c>: moves packets until SIGTERM.</summary>
    public static Command RunCommand(Func<DataplaneOptions, CancellationToken, Task<int>> run)
    {
        Option<string> node = new("--node") { Required = true, Description = "this node's name in the mesh document" };
        Option<string> state = StateOption();
        Option<string> socket = new("--socket") { Required = true, Description = "Unix socket of the control channel" };
        Option<string[]> listen = new("--listen")
        {
            Description = "underlay multiaddr to accept connections at; may be repeated",
        };
        Option<int> port = With(
            "--port", "port to accept connections at, on all addresses, if --listen is not given",
            DataplaneOptions.PortDefault);
        Option<string> tun = With("--tun", "name of the TUN link", DataplaneOptions.TunNameDefault);
        Option<int> mtu = With("--mtu", "MTU of the TUN link, bytes", Limits.MtuBytesDefault);
        Option<int> workers = With("--workers", "threads that move packets", 1);
        Option<string> io = Choice("--io", "how the kernel is asked", "auto", "io_uring", "io_uring-basic", "epoll");
        Option<string> offload = Choice("--offload", "segmentation and checksum offloads of the TUN", "auto", "off");
        Option<int> pool = With("--pool-mib", "packet memory of each worker, MiB", Limits.PoolMebibytesDefault);
        Option<string> huge = Choice("--huge-pages", "ask for huge pages for that memory", "off", "on");
        Option<int> window = With(
            "--window-kib",
            "what a peer may send ahead on a tunnel stream, KiB",
            DataplaneOptions.WindowKibibytesDefault);
        Option<string> metrics = With("--metrics", "address Prometheus scrapes, or off", MetricsDefault);
        Option<string> level = Choice(
            "--log-level", "least important line that is written", "info", "error", "warn", "debug");
        Command command = new("run", "Moves packets between this node's pods and its peers.")
        {
            node, state, socket, listen, port, tun, mtu, workers, io, offload, pool, huge, window, metrics, level,
        };
        command.SetAction((parsed, stop) =>
        {
            string[] listenTexts = parsed.GetValue(listen) ?? [];
            DataplaneOptions options = new()
            {
                Node = parsed.GetValue(node)!,
                StateDirectory = parsed.GetValue(state)!,
                SocketPath = parsed.GetValue(socket)!,
                Listen = listenTexts.Length > 0
                    ? [.. listenTexts.Select(DataplaneOptions.ParseListen)]
                    : DataplaneOptions.ListenOnAll(parsed.GetValue(port)),
                IsListenDefault = listenTexts.Length == 0,
                TunName = parsed.GetValue(tun)!,
                MtuBytes = parsed.GetValue(mtu),
                Workers = parsed.GetValue(workers),
                Io = ParseBackend(parsed.GetValue(io)!),
                Offload = parsed.GetValue(offload) == "auto",
                PoolMebibytes = parsed.GetValue(pool),
                HugePages = parsed.GetValue(huge) == "on",
                WindowKibibytes = parsed.GetValue(window),
                Metrics = DataplaneOptions.ParseMetrics(parsed.GetValue(metrics)!),
                LogLevel = ParseLevel(parsed.GetValue(level)!),
            };
            return run(options.Validated(), stop);
        });
        return command;
    }

    private static Option<T> With<T>(string name, string description, T fallback) =>
        new(name) { Description = description, DefaultValueFactory = _ => fallback };

    private static Option<string> StateOption() =>
        new("--state") { Required = true, Description = "directory of the key and of the last snapshot" };

    private static Option<string> Choice(string name, string description, params string[] values)
    {
        Option<string> option = new(name) { Description = description, DefaultValueFactory = _ => values[0] };
        option.AcceptOnlyFromAmong(values);
        return option;
    }

    private static IoBackend ParseBackend(string text) => text switch
    {
        "io_uring" => IoBackend.IoUring,
        "io_uring-basic" => IoBackend.IoUringBasic,
        "epoll" => IoBackend.Epoll,
        _ => IoBackend.Auto,
    };

    private static LogLevel ParseLevel(string text) => text switch
    {
        "error" => LogLevel.Error,
        "warn" => LogLevel.Warn,
        "debug" => LogLevel.Debug,
        _ => LogLevel.Info,
    };
}

using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.ControlChannel;
using EdgeMesh.Dataplane.Configuration;
using EdgeMesh.Dataplane.Control;
using EdgeMesh.Dataplane.Metrics;
using EdgeMesh.Dataplane.Model;
using EdgeMesh.Io;
using EdgeMesh.Io.Tun;
using EdgeMesh.Libp2p.Identity;
using EdgeMesh.Logging;
using EdgeMesh.Metrics;

namespace EdgeMesh.Dataplane;

/// <summary>
/// Puts the process together: identity, TUN, workers, links, control channel, metrics; and takes it apart.
/// </summary>
internal static class DataplaneProcess
{
    /// <summary>Time for the last packets and the go-aways, once the process is told to end.</summary>
    private static readonly TimeSpan DrainTimeMax = TimeSpan.FromMilliseconds(500);

    /// <summary>Time for a killed process's ring to give the TUN queues back.</summary>
    private static readonly TimeSpan TunPatience = TimeSpan.FromSeconds(2);

    /// <summary>Whether an exception's message is meant for the operator as it stands.</summary>
    public static bool IsOperatorError(Exception exception) => exception
        is ConfigurationException or IdentityFileException or ControlChannelException or TunException
            or RingUnavailableException or MetricsServerException;

    /// <summary>Runs until <paramref name="stop"/>.</summary>
    /// <param name="options">What the operator asked for.</param>
    /// <param name="errors">Where log lines go.</param>
    /// <param name="stop">Ends the process in good order.</param>
    /// <returns>The process's exit code.</returns>
    public static async Task<int> RunAsync(DataplaneOptions options, TextWriter errors, CancellationToken stop)
    {
        StructuredLog log = new(errors, options.LogLevel);
        using KeyPair identity = IdentityFile.LoadOrCreate(options.StateDirectory);
        await TunDevice.WaitUntilFreeAsync(options.TunName, TunPatience, stop);
        using TunDevice tun = TunDevice.Open(
            new TunOptions(options.TunName, options.MtuBytes, options.Workers, options.Offload));
        await using Composition parts = new(options, identity, tun, log);
        RunningNode node = await parts.StartAsync();
        ControlRequests requests = new(node);
        await using ControlServer control = ControlServer.Start(
            options.SocketPath, requests.HandleAsync, seen => ControlServerLog.Write(log, seen));
        node.IsControlConnected = () => control.IsControlConnected;
        NodeHealth health = new(node);
        using MetricsServer? metrics = options.Metrics is { } endPoint
            ? new MetricsServer(
                endPoint,
                new MetricsPages(new MetricsReport(node).Write, health.Health, health.Readiness),
                new ScrapeLog(node.Scrapes, log))
            : null;
        log.Info(
            "started",
            ("node", options.Node),
            ("peer_id", identity.PeerId),
            ("tun", options.TunName),
            ("workers", options.Workers),
            ("io", node.Loops[0].BackendName),
            ("offloads", string.Join(',', tun.Offloads)));
        await parts.WaitAsync(node.IsControlConnected, stop);
        log.Info("stopping");
        await parts.DrainAsync(DrainTimeMax);
        return parts.Failure is null ? 0 : 1;
    }
}

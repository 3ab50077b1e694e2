using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Lab;
using EdgeMesh.Lab.Alternatives;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Lab.Running;
using EdgeMesh.Lab.Topologies;
using EdgeMesh.Perf.Measuring;
using EdgeMesh.Perf.Results;
using EdgeMesh.Traffic;

namespace EdgeMesh.Perf.Lab;

/// <summary>An alternative that is ready to be measured: two pods, and a server in the far one.</summary>
/// <remarks>
/// <code>
///  edge-1-pod1 (client) --- edge-1 ====== underlay ====== cloud-1 --- cloud-1-pod1 (edgemesh-perf server)
/// </code>
/// </remarks>
internal sealed class LabPath : IAsyncDisposable
{
    /// <summary>What a measurement may take beyond its own time.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly LabProcess _server;

    private LabPath(LabAlternative alternative, LabProcess server)
    {
        Alternative = alternative;
        _server = server;
    }

    /// <summary>What carries the packets.</summary>
    public LabAlternative Alternative { get; }

    /// <summary>Its name.</summary>
    public string Name => Alternative.Name;

    /// <summary>The pod that measures.</summary>
    public LabPod From => Alternative.Lab.Pod("edge-1-pod1");

    /// <summary>The far pod.</summary>
    public LabPod To => Alternative.Lab.Pod("cloud-1-pod1");

    /// <summary>Builds the alternative and starts the server.</summary>
    public static async Task<LabPath> StartAsync(AlternativePlan plan)
    {
        LabAlternative alternative = await LabAlternative.StartAsync(plan, Topology.Star(1));
        try
        {
            // What a connection learned of a path (slow start's threshold) must not shape the next one's figures.
            foreach (LabPod pod in alternative.Lab.Pods)
            {
                pod.Network.WriteFile("/proc/sys/net/ipv4/tcp_no_metrics_save", "1");
            }

            LabPod to = alternative.Lab.Pod("cloud-1-pod1");
            LabProcess server = to.Network.Start(
                "perf-server", [Environment.ProcessPath!, "server", "--listen", EndPointOf(to)]);
            await AwaitListeningAsync(server);
            return new LabPath(alternative, server);
        }
        catch
        {
            await alternative.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs one of this program's verbs in the near pod, against the server in the far one.</summary>
    /// <param name="words">The verb and its options, without target and output.</param>
    /// <param name="duration">How long the measurement itself takes.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="PerfException">It failed; the message holds what it said.</exception>
    public async Task<PerfResult> RunEngineAsync(
        IReadOnlyList<string> words, TimeSpan duration, CancellationToken stop)
    {
        CommandResult run = await From.Network.RunAsync(
            [
                Environment.ProcessPath!, words[0], "--to", EndPointOf(To), .. words.Skip(1), "--output", "json",
                "--no-noise",
            ],
            input: null,
            timeout: duration + Patience);
        stop.ThrowIfCancellationRequested();
        if (!run.IsSuccess)
        {
            throw new PerfException(
                $"{Name}: `{string.Join(' ', words)}` ended with {Number(run.ExitCode)}: {run.ErrorOutput.Trim()}");
        }

        PerfReport report = ReportFile.Parse(Encoding.UTF8.GetBytes(run.Output), $"{Name}: {words[0]}");
        return report.Results.Count == 1
            ? report.Results[0] with { Via = Name }
            : throw new PerfException($"{Name}: {words[0]} reported {Number(report.Results.Count)} results, not one");
    }

    /// <summary>Loses a share of the underlay's packets in both directions; 0 ends it.</summary>
    public async Task LoseAsync(int perMille)
    {
        foreach (LabNode node in Alternative.Lab.Nodes)
        {
            await node.LoseAsync(perMille);
        }
    }

    /// <summary>What the far pod's kernel has counted of UDP so far.</summary>
    public UdpCounters UdpCountersOfTo() => UdpCounters.Version4(To.Network.ReadFile("/proc/net/snmp"));

    /// <summary>Ends the server and takes the lab down.</summary>
    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await Alternative.DisposeAsync();
    }

    // The first sample would be refused otherwise where nothing else takes time.
    private static async Task AwaitListeningAsync(LabProcess server)
    {
        long deadline = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        while (!server.Output.Contains("listening", StringComparison.Ordinal))
        {
            if (!server.IsRunning || Environment.TickCount64 > deadline)
            {
                throw new LabException($"{server.Name} does not listen; its log:\n{server.Log}");
            }

            await Task.Delay(5);
        }
    }

    private static string EndPointOf(LabPod pod) =>
        $"{pod.Plan.Address4}:{Number(MeasuringLimits.PortDefault)}";

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}

using System;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.ControlPlane.DesiredState;
using EdgeMesh.Metrics;

namespace EdgeMesh.ControlPlane.Health;

/// <summary>What probes and Prometheus are told of <c>edgemesh-control run</c>.</summary>
/// <param name="heartbeats">Its tasks.</param>
/// <param name="figures">What they count.</param>
/// <param name="desired">What is in force.</param>
/// <param name="source">What the source says of itself.</param>
/// <param name="board">What is wrong.</param>
internal sealed class ControlHealth(
    Heartbeats heartbeats, ControlFigures figures, DesiredMesh desired, SharedValue<SourceState> source,
    ProblemBoard board)
{
    private ProcessSample _process; // the last one that could be read

    /// <summary>The pages of the endpoint.</summary>
    internal MetricsPages Pages => new(Write, heartbeats.Fault, Readiness);

    // Once is enough: a data plane that is started again, or an API that is away, is no reason to call this process
    // unready.
    private string? Readiness()
    {
        if (desired.Read().Document is null)
        {
            return "no mesh document yet: see the log for what the source waits for";
        }

        return figures.Applied == 0 ? "the data plane has not taken the mesh document yet: see whether it runs"
            : figures.KernelPasses == 0 ? "the kernel has not been served yet"
            : null;
    }

    private void Write(MetricsWriter writer)
    {
        MeshDocument? document = desired.Read().Document;
        SourceState? state = source.Read().Value;
        writer.Single("edgemesh_control_generation", MetricType.Gauge,
            "Generation of the mesh document that this process wants in force.", (long)(document?.Generation ?? 0));
        writer.Single("edgemesh_control_shard_age_seconds", MetricType.Gauge,
            "Time since the cluster was last proved to be followed; not a number if the source has no such proof.",
            state?.Heard is long heard ? (Environment.TickCount64 - heard) / 1000.0 : double.NaN);
        writer.Single("edgemesh_control_source_reachable", MetricType.Gauge,
            "1 if the source of the desired state can be followed now, else 0.",
            board.CountOf(ProblemBoard.Access) + board.CountOf(ProblemBoard.Directory) == 0 ? 1L : 0L);
        writer.Single("edgemesh_control_problems", MetricType.Gauge,
            "What is wrong now, of all kinds; edgemesh status says it in words.", (long)board.Read().Problems.Count);
        writer.Single("edgemesh_control_kernel_problems", MetricType.Gauge,
            "What could not be done at the kernel at the last look.", (long)figures.KernelProblems);
        writer.Single("edgemesh_control_kernel_passes_total", MetricType.Counter,
            "Looks at the kernel, whether anything had to be done or not.", figures.KernelPasses);
        writer.Family("edgemesh_control_documents_total", MetricType.Counter,
            "Mesh documents that the data plane was given, by what it said.");
        writer.Sample(figures.Applied, ("result", "applied"));
        writer.Sample(figures.Refused, ("result", "refused"));
        writer.Family("edgemesh_scrapes_total", MetricType.Counter,
            "What became of connections to the metrics endpoint, by outcome.");
        foreach (LabelledCount count in figures.Scrapes.Snapshot())
        {
            writer.Sample(count.Count, ("outcome", count.Label));
        }

        _process = ProcessSample.Read(_process);
        ProcessMetrics.Write(writer, _process);
    }
}

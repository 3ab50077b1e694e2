using System;
using System.Text.Json;
using EdgeMesh.ControlPlane.Controller.Composition;
using EdgeMesh.ControlPlane.Controller.Figures;
using EdgeMesh.Kubernetes.Election;
using EdgeMesh.Metrics;

namespace EdgeMesh.ControlPlane.Controller;

/// <summary>What Prometheus scrapes of the controller. Names are a contract: dashboards and alerts hold them.</summary>
/// <param name="figures">What is counted.</param>
/// <param name="election">Who leads.</param>
internal sealed class ControllerMetrics(ControllerFigures figures, LeaderElection election)
{
    private ProcessSample _process; // the last one that could be read

    /// <summary>Writes the metrics of this moment. One scrape at a time.</summary>
    internal void Write(MetricsWriter writer)
    {
        ControllerModel model = figures.Model;
        writer.Single("edgemesh_controller_leader", MetricType.Gauge,
            "1 if this replica leads and publishes, else 0; 1 in sum over the replicas.", election.IsLeading ? 1L : 0L);
        writer.Single("edgemesh_controller_generation", MetricType.Gauge,
            "Generation of the mesh document in the cluster.", (long)model.Generation);
        writer.Family("edgemesh_controller_nodes", MetricType.Gauge,
            "Nodes of the cluster by whether they are in the mesh; those without an agent or with a key that waits are "
            + "not.");
        writer.Sample(model.NodesInMesh, ("state", "in_mesh"));
        writer.Sample(long.Max(0, model.Nodes - model.NodesInMesh), ("state", "outside"));
        writer.Single("edgemesh_controller_pods", MetricType.Gauge, "Pods whose addresses count.", (long)model.Pods);
        writer.Single("edgemesh_controller_prefixes", MetricType.Gauge, "Prefixes of the mesh document.",
            (long)model.Prefixes);
        writer.Family("edgemesh_controller_findings", MetricType.Gauge,
            "What is wrong now, by kind; Events on the nodes and the log say it in words.");
        foreach ((FindingReason reason, int count) in model.Findings)
        {
            writer.Sample(count, ("kind", LabelOf(reason)));
        }

        writer.Single("edgemesh_controller_api_problems", MetricType.Gauge,
            "Kinds of objects that can't be listed or watched now.", (long)model.ApiProblems);
        writer.Single("edgemesh_controller_compositions_total", MetricType.Counter, "Times that the mesh was composed.",
            figures.Compositions);
        writer.Single("edgemesh_controller_writes_total", MetricType.Counter,
            "Objects of the mesh document that were written.", figures.Writes);
        writer.Single("edgemesh_controller_write_failures_total", MetricType.Counter,
            "Writes of those that failed; everything is read again then.", figures.WriteFailures);
        writer.Single("edgemesh_controller_write_conflicts_total", MetricType.Counter,
            "Those that failed because another replica had written.", figures.Conflicts);
        writer.Single("edgemesh_controller_trust_writes_total", MetricType.Counter,
            "Trust objects that were written.", figures.TrustWrites);
        writer.Single("edgemesh_controller_publications_deleted_total", MetricType.Counter,
            "Publications deleted because a newer one took their place, or their node is gone.",
            figures.PublicationsDeleted);
        writer.Family("edgemesh_scrapes_total", MetricType.Counter,
            "What became of connections to the metrics endpoint, by outcome.");
        foreach (LabelledCount count in figures.Scrapes.Snapshot())
        {
            writer.Sample(count.Count, ("outcome", count.Label));
        }

        _process = ProcessSample.Read(_process);
        ProcessMetrics.Write(writer, _process);
    }

    // An Event's reason has the setting's own spelling, CIDRs; a label's words are split at capitals.
    private static string LabelOf(FindingReason reason) => JsonNamingPolicy.SnakeCaseLower.ConvertName(
        reason.ToString().Replace("CIDRs", "Cidrs", StringComparison.Ordinal));
}

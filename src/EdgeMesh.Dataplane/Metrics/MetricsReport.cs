using EdgeMesh.Dataplane.Model;
using EdgeMesh.Metrics;

namespace EdgeMesh.Dataplane.Metrics;

/// <summary>What Prometheus scrapes: the node's figures, and those of the process. One scrape at a time.</summary>
/// <param name="node">The running node.</param>
internal sealed class MetricsReport(RunningNode node)
{
    private ProcessSample _process; // the last one that could be read

    /// <summary>Writes the metrics of this moment.</summary>
    public void Write(MetricsWriter writer)
    {
        _process = ProcessSample.Read(_process);
        MetricFamilies.Write(writer, NodeModel.Of(node));
        ProcessMetrics.Write(writer, _process);
    }
}

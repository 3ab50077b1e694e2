namespace EdgeMesh.Metrics;

/// <summary>What a family of metrics is, as the text format's TYPE line says it.</summary>
public enum MetricType
{
    /// <summary>Only grows; zero when the process starts. Its name ends in <c>_total</c>.</summary>
    Counter,

    /// <summary>Goes up and down.</summary>
    Gauge,
}

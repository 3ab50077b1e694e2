using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Thresholds;

/// <summary>A metric then and now.</summary>
/// <param name="Key">Test and parameters.</param>
/// <param name="Via">The alternative.</param>
/// <param name="Before">Then.</param>
/// <param name="After">Now.</param>
/// <param name="Percent">Change of the median; positive: more.</param>
/// <param name="Verdict">What that is.</param>
/// <param name="IsRegression">Whether it fails the comparison.</param>
internal sealed record MetricChange(
    string Key, string Via, Metric Before, Metric After, double Percent, Verdict Verdict, bool IsRegression);

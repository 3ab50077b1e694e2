using System.Collections.Generic;

namespace EdgeMesh.Perf.Reporting;

/// <summary>What is known of an interval while a measurement runs.</summary>
/// <param name="Test">The test.</param>
/// <param name="Second">End of the interval, from the beginning of the measured time.</param>
/// <param name="Values">Figures by name, with the unit in the name.</param>
internal sealed record IntervalLine(string Test, double Second, IReadOnlyDictionary<string, double> Values);

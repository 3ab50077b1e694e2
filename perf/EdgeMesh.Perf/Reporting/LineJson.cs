using System.Text.Json.Serialization;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Reporting;

/// <summary>JSON of one line, made at build time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PerfResult))]
[JsonSerializable(typeof(ReportMeta))]
[JsonSerializable(typeof(IntervalLine))]
internal sealed partial class LineJson : JsonSerializerContext;

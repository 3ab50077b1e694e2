using System.Text.Json.Serialization;

namespace EdgeMesh.Perf.Results;

/// <summary>JSON of reports, made at build time: no reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(PerfReport))]
internal sealed partial class ReportJson : JsonSerializerContext;

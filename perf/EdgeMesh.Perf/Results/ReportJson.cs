using System.Text.Json.Serialization;

namespace EdgeMesh.Perf.Results;

/// <summary>JSON of reports, made at build time: no reflection.</summary>
/// <remarks>
/// Optional properties have <c>set</c>, not <c>init</c>: the generated reader gives each <c>init</c> property that the
/// text
/// lacks the type's default, null for a list, instead of the property's own.
/// </remarks>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    WriteIndented = true)]
[JsonSerializable(typeof(PerfReport))]
internal sealed partial class ReportJson : JsonSerializerContext;

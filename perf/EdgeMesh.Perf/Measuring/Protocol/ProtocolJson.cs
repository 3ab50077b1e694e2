using System.Text.Json.Serialization;

namespace EdgeMesh.Perf.Measuring.Protocol;

/// <summary>JSON of control messages, made at build time. Why properties have <c>set</c>: see ReportJson.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    MaxDepth = 8)]
[JsonSerializable(typeof(ControlMessage))]
internal sealed partial class ProtocolJson : JsonSerializerContext;

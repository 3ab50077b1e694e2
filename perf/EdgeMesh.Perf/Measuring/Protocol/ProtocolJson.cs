using System.Text.Json.Serialization;

namespace EdgeMesh.Perf.Measuring.Protocol;

/// <summary>JSON of control messages, made at build time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    MaxDepth = 8)]
[JsonSerializable(typeof(ControlMessage))]
internal sealed partial class ProtocolJson : JsonSerializerContext;

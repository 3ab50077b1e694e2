using System.Text.Json.Serialization;

namespace EdgeMesh.Cluster;

/// <summary>JSON of the part that all texts have, made at compile time: nothing is found by reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SchemaText))]
internal sealed partial class SchemaJson : JsonSerializerContext;

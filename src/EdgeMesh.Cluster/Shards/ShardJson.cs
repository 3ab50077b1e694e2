using System.Text.Json.Serialization;

namespace EdgeMesh.Cluster.Shards;

/// <summary>JSON of the index, made at compile time: nothing is found by reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MeshIndexText))]
internal sealed partial class ShardJson : JsonSerializerContext;

using System.Text.Json.Serialization;

namespace EdgeMesh.Cluster.Publications;

/// <summary>JSON of publications, made at compile time: nothing is found by reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(NodePublicationText))]
internal sealed partial class PublicationJson : JsonSerializerContext;

using System.Text.Json.Serialization;

namespace EdgeMesh.Cluster.Trust;

/// <summary>JSON of trust records, made at compile time: nothing is found by reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TrustRecordText))]
internal sealed partial class TrustJson : JsonSerializerContext;

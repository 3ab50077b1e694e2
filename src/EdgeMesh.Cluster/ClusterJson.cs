using System.Text.Json.Serialization;
using EdgeMesh.Cluster.Publications;
using EdgeMesh.Cluster.Shards;
using EdgeMesh.Cluster.Trust;

namespace EdgeMesh.Cluster;

/// <summary>JSON of this project, made at compile time: nothing is found by reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SchemaText))]
[JsonSerializable(typeof(MeshIndexText))]
[JsonSerializable(typeof(NodePublicationText))]
[JsonSerializable(typeof(TrustRecordText))]
internal sealed partial class ClusterJson : JsonSerializerContext;

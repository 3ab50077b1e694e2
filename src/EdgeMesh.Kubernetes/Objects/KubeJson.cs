using System.Text.Json.Serialization;

namespace EdgeMesh.Kubernetes.Objects;

/// <summary>How objects are read and written; made at compile time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(KubeNode))]
[JsonSerializable(typeof(KubePod))]
[JsonSerializable(typeof(KubeConfigMap))]
[JsonSerializable(typeof(KubeLease))]
[JsonSerializable(typeof(KubeEventObject))]
[JsonSerializable(typeof(KubeDaemonSet))]
[JsonSerializable(typeof(KubeNamespace))]
[JsonSerializable(typeof(KubeStatus))]
[JsonSerializable(typeof(KubeDeleteOptions))]
internal sealed partial class KubeJson : JsonSerializerContext;

using System;

namespace EdgeMesh.Kubernetes.Access;

/// <summary>The way to the API can't be used as it is set; the message names cause and remedy.</summary>
/// <param name="message">Cause and remedy.</param>
/// <param name="inner">What was underneath, or null.</param>
public sealed class KubeAccessException(string message, Exception? inner = null) : Exception(message, inner);

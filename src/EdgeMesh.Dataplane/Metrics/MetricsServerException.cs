using System;

namespace EdgeMesh.Dataplane.Metrics;

/// <summary>The metrics endpoint can't listen where it was told to; the message names cause and remedy.</summary>
internal sealed class MetricsServerException(string message, Exception inner) : Exception(message, inner);

using System;

namespace EdgeMesh.Metrics;

/// <summary>The metrics endpoint can't listen where it was told to; the message names cause and remedy.</summary>
public sealed class MetricsServerException(string message, Exception inner) : Exception(message, inner);

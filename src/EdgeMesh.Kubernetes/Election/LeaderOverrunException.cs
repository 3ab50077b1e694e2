using System;

namespace EdgeMesh.Kubernetes.Election;

/// <summary>A leader that lost the Lease goes on: only the end of the process stops it before another begins.</summary>
/// <param name="message">Which, and for how long.</param>
public sealed class LeaderOverrunException(string message) : Exception(message);

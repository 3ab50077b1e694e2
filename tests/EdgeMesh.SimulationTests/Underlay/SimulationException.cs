using System;

namespace EdgeMesh.SimulationTests.Underlay;

/// <summary>Something that must always hold did not; the message says what, and at which simulated time.</summary>
public sealed class SimulationException(string message, Exception? cause = null)
    : Exception(message, cause);

using System;

namespace EdgeMesh.Dataplane.Configuration;

/// <summary>What the operator asked for can't be done; the message names cause and remedy.</summary>
internal sealed class ConfigurationException(string message) : Exception(message);

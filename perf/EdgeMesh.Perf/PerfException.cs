using System;

namespace EdgeMesh.Perf;

/// <summary>The run can't be done; the message is one sentence with cause and remedy. Exit code 2.</summary>
public sealed class PerfException(string message, Exception? inner = null) : Exception(message, inner);

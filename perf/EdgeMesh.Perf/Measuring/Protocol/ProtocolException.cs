using System;

namespace EdgeMesh.Perf.Measuring.Protocol;

/// <summary>The other end broke the protocol, is gone, or is late: the session ends, nothing else does.</summary>
internal sealed class ProtocolException(string message, Exception? inner = null) : Exception(message, inner);

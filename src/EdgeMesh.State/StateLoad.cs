using System;

namespace EdgeMesh.State;

/// <summary>What reading a state file gave.</summary>
/// <param name="Content">What was stored; null if neither the file nor its previous version is good.</param>
/// <param name="Fault">What is wrong with the file itself, also if the previous version took its place.</param>
/// <param name="Message">The fault in words, naming the file; empty if there is none.</param>
/// <param name="IsPrevious">Is the content the version before?</param>
public sealed record StateLoad(ReadOnlyMemory<byte>? Content, StateFault Fault, string Message, bool IsPrevious);

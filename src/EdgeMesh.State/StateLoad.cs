namespace EdgeMesh.State;

/// <summary>What reading a state file gave.</summary>
/// <typeparam name="T">What its content was decoded to.</typeparam>
/// <param name="Value">What was stored; null if neither the file nor its previous version is good.</param>
/// <param name="Fault">
/// What is wrong with the file itself, also if the previous version took its place. Of the previous version if there is
/// no such file and that one is bad: <see cref="StateFault.Missing"/> without a value means that nothing was lost.
/// </param>
/// <param name="Message">
/// What is wrong with each version that was not taken, in words and with its name; empty if there is no fault.
/// </param>
/// <param name="IsPrevious">Is the value the version before?</param>
public sealed record StateLoad<T>(T? Value, StateFault Fault, string Message, bool IsPrevious)
    where T : class;

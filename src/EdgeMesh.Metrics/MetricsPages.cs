using System;

namespace EdgeMesh.Metrics;

/// <summary>What the endpoint serves: <c>/metrics</c>, and where a process has them <c>/healthz</c> and
/// <c>/readyz</c>.</summary>
/// <remarks>
/// One of them is called at a time, never by a worker's thread. They answer at once, from what is in memory: a probe
/// that waits would say about something else than this process.
/// </remarks>
/// <param name="Collect">Writes all families.</param>
/// <param name="Health">Null if the process makes progress; else a sentence that says what stands still. It must not
/// depend on an API or a peer: whoever asks restarts the process. Null: there is no such page.</param>
/// <param name="Readiness">Null if the process does its work; else a sentence that says what it waits for. Null: there
/// is no such page.</param>
public sealed record MetricsPages(
    Action<MetricsWriter> Collect, Func<string?>? Health = null, Func<string?>? Readiness = null);

using System;
using System.Collections.Generic;
using System.Linq;

namespace EdgeMesh.ControlPlane.Health;

/// <summary>The process's own tasks, for <c>/healthz</c>. None of them waits longer than its requests' time limits for
/// an API or a peer, so these being away makes no task late.</summary>
/// <param name="time">The clock; the system's unless said.</param>
internal sealed class Heartbeats(TimeProvider? time = null)
{
    /// <summary>Enough for each task's slowest round: some requests at their time limits.</summary>
    internal static readonly TimeSpan SilenceMax = TimeSpan.FromMinutes(2);

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly List<Heartbeat> _all = []; // complete before anybody asks

    /// <summary>Adds a task.</summary>
    internal Heartbeat Add(string name)
    {
        var heartbeat = new Heartbeat(name, SilenceMax, _time);
        _all.Add(heartbeat);
        return heartbeat;
    }

    /// <summary>Whether every task comes round.</summary>
    /// <returns>Null if so, else a sentence.</returns>
    internal string? Fault()
    {
        string[] late = [.. _all.Where(static beat => !beat.IsAlive).Select(static beat => beat.Name)];
        return late.Length == 0
            ? null
            : $"no round for {SilenceMax.TotalSeconds:0} s of the tasks: {string.Join(", ", late)}";
    }
}

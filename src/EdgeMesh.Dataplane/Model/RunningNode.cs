using System;
using System.Collections.Generic;
using System.Diagnostics;
using EdgeMesh.Addresses;
using EdgeMesh.Dataplane.Configuration;
using EdgeMesh.Dataplane.Mesh;
using EdgeMesh.Io.Loops;
using EdgeMesh.Metrics;
using EdgeMesh.Tunnel.Links;
using EdgeMesh.Tunnel.Workers;

namespace EdgeMesh.Dataplane.Model;

/// <summary>The parts of the running node that figures are read from and requests act on.</summary>
/// <remarks>Any thread may use what is here; the parts say which of their members are safe.</remarks>
internal sealed class RunningNode
{
    private readonly long _started = Stopwatch.GetTimestamp();

    /// <summary>What the operator asked for.</summary>
    public required DataplaneOptions Options { get; init; }

    /// <summary>This node's peer id.</summary>
    public required PeerId PeerId { get; init; }

    /// <summary>Offloads of the TUN in use; empty if off.</summary>
    public required IReadOnlyList<string> Offloads { get; init; }

    /// <summary>Packets that the kernel dropped at the TUN's own queue, since this process opened the link.</summary>
    public required Func<long> ReadTunQueueDrops { get; init; }

    /// <summary>The workers, by index.</summary>
    public required IReadOnlyList<Worker> Workers { get; init; }

    /// <summary>Their event loops.</summary>
    public required IReadOnlyList<EventLoop> Loops { get; init; }

    /// <summary>The links.</summary>
    public required LinkLoop Links { get; init; }

    /// <summary>What happened to connections.</summary>
    public required LinkEvents Events { get; init; }

    /// <summary>The desired state in force.</summary>
    public required MeshState Mesh { get; init; }

    /// <summary>Whether the TUN link is up now.</summary>
    public required Func<bool> IsTunUp { get; init; }

    /// <summary>Whether each loop turns: those of the workers and that of the links.</summary>
    public required IReadOnlyList<LoopPulse> Pulses { get; init; }

    /// <summary>What became of scrapes.</summary>
    public ScrapeCounts Scrapes { get; } = new();

    /// <summary>What the control process last said of itself.</summary>
    public ControlReports ControlReports { get; } = new();

    /// <summary>Whether a control process holds a connection.</summary>
    public Func<bool> IsControlConnected { get; set; } = static () => false;

    /// <summary>Time since the start.</summary>
    public TimeSpan Uptime => Stopwatch.GetElapsedTime(_started);
}

using System;
using System.Linq;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.Dataplane.Model;

namespace EdgeMesh.Dataplane.Control;

/// <summary>What <c>edgemesh status</c> shows.</summary>
internal static class StatusReport
{
    /// <summary>The message for the figures of this moment.</summary>
    /// <param name="model">The figures.</param>
    /// <param name="reported">What the control process last said, and when; null: nothing yet.</param>
    public static Status Build(NodeModel model, (ControlReport Report, TimeSpan Age)? reported = null)
    {
        Status status = new()
        {
            Node = model.Node,
            PeerId = model.PeerId,
            Version = model.Version,
            UptimeSeconds = model.Uptime.TotalSeconds,
            Generation = model.Generation,
            GenerationSource = model.GenerationSource,
            SnapshotAgeSeconds = model.SnapshotAge.TotalSeconds,
            ControlConnected = model.IsControlConnected,
            SnapshotSource = model.SnapshotSource,
            Tun = model.Tun,
            Mtu = (uint)model.MtuBytes,
            Workers = (uint)model.Workers,
            IoBackend = model.IoBackend,
            PeersKnown = (uint)model.PeersKnown,
            PeersConnected = (uint)model.PeersConnected,
            RoutesIpv4 = (ulong)model.RoutesIpv4,
            RoutesIpv6 = (ulong)model.RoutesIpv6,
            PacketsIn = (ulong)model.Out.Packets,
            PacketsSent = (ulong)model.Out.DeliveredPackets,
            PacketsReceived = (ulong)model.In.Packets,
            PacketsDelivered = (ulong)model.In.DeliveredPackets,
            PacketsDropped = (ulong)model.DroppedOut.Concat(model.DroppedIn).Sum(drops => drops.Count),
            BytesSent = (ulong)model.Out.DeliveredBytes,
            BytesReceived = (ulong)model.In.Bytes,
            PoolBytes = (ulong)model.PoolLimitBytes,
            PoolBytesUsed = (ulong)model.PoolUsedBytes,
            QueueBytes = (ulong)model.QueueBytes,
            TunQueueDrops = (ulong)model.TunQueueDrops,
        };
        if (reported is { } last)
        {
            status.ControlReport = last.Report;
            status.ControlReportAgeSeconds = last.Age.TotalSeconds;
        }

        status.IoFeatures.AddRange(model.IoFeatures);
        status.Offloads.AddRange(model.Offloads);
        status.Listen.AddRange(model.Listen);
        status.Conflicts.AddRange(model.Conflicts);
        status.ConnectionEvents.AddRange(model.ConnectionEvents.Select(
            seen => new ConnectionCount { Reason = seen.Label, Count = (ulong)seen.Count }));
        return status;
    }
}

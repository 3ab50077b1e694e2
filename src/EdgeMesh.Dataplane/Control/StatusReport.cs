using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Threading.Tasks;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.Forwarding;
using EdgeMesh.Tunnel.Links;
using EdgeMesh.Tunnel.Mesh;

namespace EdgeMesh.Dataplane.Control;

/// <summary>What <c>edgemesh status</c> and <c>edgemesh drops</c> show.</summary>
internal static class StatusReport
{
    /// <summary>Version of this build.</summary>
    public static string Version { get; } =
        typeof(StatusReport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
        ?? "unknown";

    /// <summary>The status of this moment.</summary>
    public static async Task<Status> BuildAsync(Composition parts)
    {
        MeshView view = parts.Mesh.View;
        IReadOnlyList<LinkReport> links = await parts.Links.ReportAsync();
        PacketLedger[] ledgers = [.. parts.Workers.Select(thread => thread.Worker.Ledger)];
        Status status = new()
        {
            Node = parts.Options.Node,
            PeerId = parts.PeerId.ToString(),
            Version = Version,
            UptimeSeconds = parts.Uptime.TotalSeconds,
            Generation = view.Generation,
            SnapshotAgeSeconds = parts.Mesh.Age.TotalSeconds,
            ControlConnected = parts.ControlServer?.IsControlConnected == true,
            SnapshotSource = parts.Mesh.Source,
            Tun = parts.Options.TunName,
            Mtu = (uint)parts.Options.MtuBytes,
            Workers = (uint)parts.Workers.Count,
            IoBackend = parts.Workers[0].Loop.BackendName,
            PeersKnown = (uint)view.Peers.Count,
            PeersConnected = (uint)links.Count(link => link.State == LinkState.Connected),
            RoutesIpv4 = (ulong)view.Tables.V4.Count,
            RoutesIpv6 = (ulong)view.Tables.V6.Count,
            PacketsIn = Sum(ledgers, ledger => ledger.EnteredPackets),
            PacketsSent = Sum(ledgers, ledger => ledger.SentPackets),
            PacketsReceived = Sum(ledgers, ledger => ledger.ReceivedPackets),
            PacketsDelivered = Sum(ledgers, ledger => ledger.DeliveredPackets),
            PacketsDropped = Sum(ledgers, ledger => ledger.DroppedOutPackets + ledger.DroppedInPackets),
            BytesSent = Sum(ledgers, ledger => ledger.SentBytes),
            BytesReceived = Sum(ledgers, ledger => ledger.ReceivedBytes),
            PoolBytes = (ulong)parts.Workers.Sum(thread => thread.Worker.Pool.BytesMax),
            PoolBytesUsed = (ulong)parts.Workers.Sum(thread => thread.Worker.Pool.RentedBytes),
            QueueBytes = (ulong)parts.Workers.Sum(thread => thread.Worker.QueueBytes),
        };
        status.IoFeatures.AddRange(parts.Workers[0].Loop.Features);
        status.Offloads.AddRange(parts.Tun.Offloads);
        status.Listen.AddRange(parts.Links.ListenAddresses.Select(address => address.ToString()));
        status.Conflicts.AddRange(view.Conflicts.Select(conflict => conflict.ToString()));
        status.ConnectionEvents.AddRange(
            parts.Events.Snapshot()
                .Select(pair => new ConnectionCount { Reason = pair.Key, Count = (ulong)pair.Value }));
        return status;
    }

    /// <summary>Every drop reason with its count.</summary>
    public static Drops BuildDrops(Composition parts)
    {
        Drops drops = new();
        foreach (DropReason reason in DropReasons.All)
        {
            drops.Drops_.Add(new Drop
            {
                Reason = DropReasons.Label(reason),
                Packets = (ulong)parts.Workers.Sum(thread => thread.Worker.Ledger.DroppedOutByReason[(int)reason]
                    + thread.Worker.Ledger.DroppedInByReason[(int)reason]),
                Explanation = DropReasons.Explanation(reason),
            });
        }

        return drops;
    }

    private static ulong Sum(PacketLedger[] ledgers, Func<PacketLedger, long> field) => (ulong)ledgers.Sum(field);
}

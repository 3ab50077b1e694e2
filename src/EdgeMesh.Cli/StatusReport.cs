using System;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Linq;
using System.Text.Json;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.Cli;

/// <summary><c>edgemesh status</c>.</summary>
internal sealed class StatusReport : Report<Status>
{
    private const int CommitCharsShown = 12;

    /// <inheritdoc/>
    public override Request Request => new() { Status = new StatusRequest() };

    /// <inheritdoc/>
    public override bool TryRead(Response response, [NotNullWhen(true)] out Status? answer) =>
        (answer = response.Status) is not null;

    /// <inheritdoc/>
    public override void WriteTable(Status answer, TextWriter output, int columns)
    {
        var table = new Table("", "");
        table.Add("node", PlainText.OrDash(answer.Node));
        table.Add("peer id", PlainText.OrDash(answer.PeerId));
        table.Add("version", $"{Version(answer.Version)}, up {Quantity.Duration(answer.UptimeSeconds)}");
        table.Add("snapshot", Snapshot(answer));
        table.Add("control", answer.ControlConnected
            ? "connected" : "not connected; forwarding goes on from the snapshot");
        ControlReportText.Write(answer, table);
        table.Add("peers", $"{answer.PeersConnected} of {answer.PeersKnown} connected");
        table.Add("routes", $"{answer.RoutesIpv4} IPv4, {answer.RoutesIpv6} IPv6");
        table.Add("conflicts", answer.Conflicts.Count == 0
            ? "none" : $"{answer.Conflicts.Count}, refused until mended:");
        foreach (string conflict in answer.Conflicts)
        {
            table.Add("", PlainText.Of(conflict));
        }

        table.Add("tun", $"{PlainText.OrDash(answer.Tun)}, MTU {answer.Mtu}, offloads {Words(answer.Offloads, "off")}");
        table.Add(
            "io",
            $"{PlainText.OrDash(answer.IoBackend)} ({Words(answer.IoFeatures, "no features")}), "
            + $"workers {answer.Workers}");
        table.Add("listen", Words(answer.Listen, "nowhere"));
        table.Add(
            "packets out",
            $"{answer.PacketsIn} from pods, {answer.PacketsSent} to peers ({Quantity.Bytes(answer.BytesSent)})");
        table.Add(
            "packets in",
            $"{answer.PacketsReceived} from peers ({Quantity.Bytes(answer.BytesReceived)}), "
            + $"{answer.PacketsDelivered} to pods");
        table.Add(
            "dropped", $"{answer.PacketsDropped}{(answer.PacketsDropped == 0 ? "" : "; edgemesh drops says why")}");
        table.Add("tun queue", answer.TunQueueDrops == 0
            ? "nothing dropped"
            : $"{answer.TunQueueDrops} dropped by the kernel before they could be read; edgemesh drops says why");
        table.Add("queue", Quantity.Bytes(answer.QueueBytes));
        table.Add("pool", $"{Quantity.Bytes(answer.PoolBytesUsed)} of {Quantity.Bytes(answer.PoolBytes)} in use");
        table.Add("connections", Events(answer));
        table.Write(output, columns);
    }

    /// <inheritdoc/>
    public override void WriteJson(Status answer, Utf8JsonWriter json)
    {
        json.WriteString("node", answer.Node);
        json.WriteString("peerId", answer.PeerId);
        json.WriteString("version", answer.Version);
        json.WriteFinite("uptimeSeconds", answer.UptimeSeconds);
        json.WriteNumber("generation", answer.Generation);
        json.WriteString("generationSource", answer.GenerationSource);
        json.WriteFinite("snapshotAgeSeconds", answer.SnapshotAgeSeconds);
        json.WriteBoolean("controlConnected", answer.ControlConnected);
        json.WriteString("snapshotSource", answer.SnapshotSource);
        ControlReportText.WriteJson(answer, json);
        json.WriteString("tun", answer.Tun);
        json.WriteNumber("mtu", answer.Mtu);
        json.WriteNumber("workers", answer.Workers);
        json.WriteString("ioBackend", answer.IoBackend);
        json.WriteTexts("ioFeatures", answer.IoFeatures);
        json.WriteTexts("offloads", answer.Offloads);
        json.WriteTexts("listen", answer.Listen);
        json.WriteNumber("peersKnown", answer.PeersKnown);
        json.WriteNumber("peersConnected", answer.PeersConnected);
        json.WriteNumber("routesIpv4", answer.RoutesIpv4);
        json.WriteNumber("routesIpv6", answer.RoutesIpv6);
        json.WriteNumber("packetsIn", answer.PacketsIn);
        json.WriteNumber("packetsSent", answer.PacketsSent);
        json.WriteNumber("packetsReceived", answer.PacketsReceived);
        json.WriteNumber("packetsDelivered", answer.PacketsDelivered);
        json.WriteNumber("packetsDropped", answer.PacketsDropped);
        json.WriteNumber("tunQueueDrops", answer.TunQueueDrops);
        json.WriteNumber("bytesSent", answer.BytesSent);
        json.WriteNumber("bytesReceived", answer.BytesReceived);
        json.WriteNumber("poolBytes", answer.PoolBytes);
        json.WriteNumber("poolBytesUsed", answer.PoolBytesUsed);
        json.WriteNumber("queueBytes", answer.QueueBytes);
        json.WriteTexts("conflicts", answer.Conflicts);
        json.WriteStartArray("connectionEvents");
        foreach (ConnectionCount events in answer.ConnectionEvents)
        {
            json.WriteStartObject();
            json.WriteString("reason", events.Reason);
            json.WriteNumber("count", events.Count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Version(string version)
    {
        // 0.1.0+d3d76abbaf8b3dbf74f831d1023b661bc501077e: JSON has it whole.
        int end = version.IndexOf('+', StringComparison.Ordinal) + 1 + CommitCharsShown;
        return PlainText.OrDash(end > CommitCharsShown && end < version.Length ? version[..end] : version);
    }

    private static string Snapshot(Status answer)
    {
        string age = Quantity.Duration(answer.SnapshotAgeSeconds);
        string generation = $"generation {answer.Generation}" + answer.GenerationSource switch
        {
            "" => "",
            MeshSources.Node => " (counted by this node)",
            string source => $" (counted by {PlainText.Of(source)})",
        };
        return answer.SnapshotSource switch
        {
            "none" => $"none for {age}: no pod is reachable until edgemesh-control sends one",
            "disk" => $"{generation}, from disk, unconfirmed for {age}",
            "control" => $"{generation}, confirmed by the control process {age} ago",
            _ => $"{generation}, {PlainText.OrDash(answer.SnapshotSource)}, {age} old",
        };
    }

    private static string Events(Status answer)
    {
        string[] seen =
        [
            .. answer.ConnectionEvents
                .Where(events => events.Count > 0)
                .Select(events => $"{PlainText.Of(events.Reason)} {events.Count}"),
        ];
        return seen.Length == 0 ? "no events" : string.Join(", ", seen);
    }

    private static string Words(Google.Protobuf.Collections.RepeatedField<string> words, string none) =>
        words.Count == 0 ? none : PlainText.Of(string.Join(' ', words));
}

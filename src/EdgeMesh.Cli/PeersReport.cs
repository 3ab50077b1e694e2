using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Linq;
using System.Text.Json;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.Cli;

/// <summary><c>edgemesh peers</c>.</summary>
internal sealed class PeersReport : Report<Peers>
{
    private const string Connected = "connected"; // of Peer.state in control.proto

    /// <inheritdoc/>
    public override Request Request => new() { Peers = new PeersRequest() };

    /// <inheritdoc/>
    public override bool TryRead(Response response, [NotNullWhen(true)] out Peers? answer) =>
        (answer = response.Peers) is not null;

    /// <inheritdoc/>
    public override void WriteTable(Peers answer, TextWriter output, int columns)
    {
        if (answer.Peers_.Count == 0)
        {
            output.WriteLine("no peers: the snapshot names no node but this one");
            return;
        }

        var table = new Table(
            "NAME", "STATE", "FOR", "PATH", "ENDPOINT", ">LANES", ">RTT", ">SENT", ">RECEIVED", ">DROPPED", ">QUEUED",
            "PREFIXES");
        foreach (Peer peer in answer.Peers_)
        {
            bool isConnected = peer.State == Connected;
            table.Add(
                PlainText.OrDash(peer.Name),
                PlainText.OrDash(peer.State),
                isConnected ? Quantity.Duration(peer.ConnectedSeconds) : "-",
                PathOf(peer),
                PlainText.OrDash(peer.Endpoint),
                $"{peer.Lanes}",
                peer.RttSeconds == 0 ? "-" : Quantity.RoundTrip(peer.RttSeconds),
                Quantity.Bytes(peer.BytesSent),
                Quantity.Bytes(peer.BytesReceived),
                $"{peer.PacketsDropped}",
                Quantity.Bytes(peer.QueueBytes),
                string.Join(' ', peer.Prefixes.Select(IpPrefixes.Format)));
        }

        table.Write(output, columns);
        WriteErrors(answer, output, columns);
    }

    /// <inheritdoc/>
    public override void WriteJson(Peers answer, Utf8JsonWriter json)
    {
        json.WriteStartArray("peers");
        foreach (Peer peer in answer.Peers_)
        {
            json.WriteStartObject();
            json.WriteString("name", peer.Name);
            json.WriteString("peerId", peer.PeerId);
            json.WriteString("state", peer.State);
            json.WriteString("path", peer.Path);
            json.WriteString("endpoint", peer.Endpoint);
            json.WriteNumber("lanes", peer.Lanes);
            json.WriteFinite("rttSeconds", peer.RttSeconds);
            json.WriteNumber("packetsSent", peer.PacketsSent);
            json.WriteNumber("packetsReceived", peer.PacketsReceived);
            json.WriteNumber("bytesSent", peer.BytesSent);
            json.WriteNumber("bytesReceived", peer.BytesReceived);
            json.WriteNumber("packetsDropped", peer.PacketsDropped);
            json.WriteNumber("queueBytes", peer.QueueBytes);
            json.WriteFinite("connectedSeconds", peer.ConnectedSeconds);
            json.WriteString("lastError", peer.LastError);
            json.WriteString("lastEnding", peer.LastEnding);
            json.WriteString("pathDetail", peer.PathDetail);
            json.WriteTexts("prefixes", peer.Prefixes.Select(IpPrefixes.Format));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string PathOf(Peer peer) => peer.PathDetail.Length == 0
        ? PlainText.OrDash(peer.Path)
        : $"{PlainText.OrDash(peer.Path)} ({PlainText.Of(peer.PathDetail)})";

    private static void WriteErrors(Peers answer, TextWriter output, int columns)
    {
        Peer[] failed = [.. answer.Peers_.Where(peer => peer.LastError.Length > 0 && peer.State != Connected)];
        if (failed.Length == 0)
        {
            return;
        }

        output.WriteLine();
        var table = new Table("NAME", "LAST ENDING", "LAST ERROR");
        foreach (Peer peer in failed)
        {
            table.Add(PlainText.OrDash(peer.Name), PlainText.OrDash(peer.LastEnding), PlainText.Of(peer.LastError));
        }

        table.Write(output, columns);
    }
}

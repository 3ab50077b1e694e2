using System.Text.Json;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using Google.Protobuf.Collections;

namespace EdgeMesh.Cli;

/// <summary>The part of <c>edgemesh status</c> that the control process has said of itself.</summary>
internal static class ControlReportText
{
    // It comes every five seconds; after so many intervals the control process is gone or stuck.
    private const double FreshSecondsMax = 20;

    /// <summary>Adds its lines; none if there is no report: the data plane or the control process may be
    /// older.</summary>
    public static void Write(Status answer, Table table)
    {
        if (answer.ControlReport is not { } report)
        {
            return;
        }

        table.Add("source", Source(report) + (answer.ControlReportAgeSeconds > FreshSecondsMax
            ? $"; said {Quantity.Duration(answer.ControlReportAgeSeconds)} ago" : ""));
        if (report.Trust.Length > 0)
        {
            table.Add("trust", Trust(report.Trust));
        }

        AddAll(table, "problems", "none", report.Problems);
        AddAll(table, "not reachable", "every site is reachable from every other", report.Unreachable);
    }

    /// <summary>Writes it as an object, and its age beside it; nothing if there is no report.</summary>
    public static void WriteJson(Status answer, Utf8JsonWriter json)
    {
        if (answer.ControlReport is not { } report)
        {
            return;
        }

        json.WriteStartObject("controlReport");
        json.WriteString("source", report.Source);
        json.WriteNumber("generation", report.Generation);
        json.WriteFinite("shardAgeSeconds", report.ShardAgeSeconds);
        json.WriteString("trust", report.Trust);
        json.WriteTexts("problems", report.Problems);
        json.WriteTexts("unreachable", report.Unreachable);
        json.WriteEndObject();
        json.WriteFinite("controlReportAgeSeconds", answer.ControlReportAgeSeconds);
    }

    private static string Source(ControlReport report)
    {
        string name = report.Source switch
        {
            "" => "nothing in force yet",
            MeshSources.Node => $"mesh.yaml, generation {report.Generation}",
            string source => $"{PlainText.Of(source)}, generation {report.Generation}",
        };
        return report.ShardAgeSeconds < 0
            ? name
            : $"{name}, last heard {Quantity.Duration(report.ShardAgeSeconds)} ago";
    }

    private static string Trust(string trust) => trust switch
    {
        "pinned" => "pinned: the mesh has this node's key",
        "pending" => "pending: this node's key waits for 'edgemesh trust NODE'",
        "changed" => "changed: the mesh has another key for this node; 'edgemesh trust NODE' takes the new one",
        "not admitted" => "not admitted yet: the mesh does not have this node; what was in force stays",
        _ => PlainText.OrDash(trust),
    };

    private static void AddAll(Table table, string name, string none, RepeatedField<string> lines)
    {
        table.Add(name, lines.Count == 0 ? none : PlainText.Of(lines[0]));
        for (int i = 1; i < lines.Count; i++)
        {
            table.Add("", PlainText.Of(lines[i]));
        }
    }
}

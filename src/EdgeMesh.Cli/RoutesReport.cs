using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Text.Json;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.Cli;

/// <summary><c>edgemesh routes</c>.</summary>
internal sealed class RoutesReport : Report<Routes>
{
    /// <inheritdoc/>
    public override Request Request => new() { Routes = new RoutesRequest() };

    /// <inheritdoc/>
    public override bool TryRead(Response response, [NotNullWhen(true)] out Routes? answer) =>
        (answer = response.Routes) is not null;

    /// <inheritdoc/>
    public override void WriteTable(Routes answer, TextWriter output, int columns)
    {
        if (answer.Routes_.Count == 0)
        {
            output.WriteLine("no routes: the data plane has no snapshot, or one without prefixes; see edgemesh status");
            return;
        }

        var table = new Table("PREFIX", "NODE", "NOTE");
        foreach (Route route in answer.Routes_)
        {
            string note = route.Refused ? "refused: more than one node claims it" : route.Local ? "this node" : "";
            table.Add(Prefix(route), PlainText.OrDash(route.Node), note);
        }

        table.Write(output, columns);
    }

    /// <inheritdoc/>
    public override void WriteJson(Routes answer, Utf8JsonWriter json)
    {
        json.WriteStartArray("routes");
        foreach (Route route in answer.Routes_)
        {
            json.WriteStartObject();
            json.WriteString("prefix", Prefix(route));
            json.WriteString("node", route.Node);
            json.WriteBoolean("local", route.Local);
            json.WriteBoolean("refused", route.Refused);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Prefix(Route route) => IpPrefixes.Format(route.Prefix ?? new IpPrefix());
}

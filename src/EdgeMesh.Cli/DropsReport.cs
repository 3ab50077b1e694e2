using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Linq;
using System.Text.Json;
using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.Cli;

/// <summary><c>edgemesh drops</c>.</summary>
internal sealed class DropsReport : Report<Drops>
{
    /// <inheritdoc/>
    public override Request Request => new() { Drops = new DropsRequest() };

    /// <inheritdoc/>
    public override bool TryRead(Response response, [NotNullWhen(true)] out Drops? answer) =>
        (answer = response.Drops) is not null;

    /// <inheritdoc/>
    public override void WriteTable(Drops answer, TextWriter output, int columns)
    {
        var table = new Table("REASON", ">PACKETS", "EXPLANATION");
        foreach (Drop drop in answer.Drops_.OrderByDescending(drop => drop.Packets))
        {
            table.Add(PlainText.OrDash(drop.Reason), $"{drop.Packets}", PlainText.Of(drop.Explanation));
        }

        table.Write(output, columns);
    }

    /// <inheritdoc/>
    public override void WriteJson(Drops answer, Utf8JsonWriter json)
    {
        json.WriteStartArray("drops");
        foreach (Drop drop in answer.Drops_)
        {
            json.WriteStartObject();
            json.WriteString("reason", drop.Reason);
            json.WriteNumber("packets", drop.Packets);
            json.WriteString("explanation", drop.Explanation);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}

using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Text.Json;
using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.Cli;

/// <summary>A question to the data plane, and its answer in both formats.</summary>
/// <typeparam name="T">The answer's message.</typeparam>
internal abstract class Report<T>
    where T : class
{
    /// <summary>The question.</summary>
    public abstract Request Request { get; }

    /// <summary>Takes the answer out of a response; false if the response is to another question.</summary>
    public abstract bool TryRead(Response response, [NotNullWhen(true)] out T? answer);

    /// <summary>Writes the answer for people.</summary>
    public abstract void WriteTable(T answer, TextWriter output, int columns);

    /// <summary>Writes the answer's properties for programs, inside of an object that is open.</summary>
    public abstract void WriteJson(T answer, Utf8JsonWriter json);
}

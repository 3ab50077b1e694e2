using System;
using System.IO;
using System.Text;
using EdgeMesh.Logging;
using EdgeMesh.SimulationTests.Underlay;

namespace EdgeMesh.SimulationTests.Nodes;

/// <summary>A node's log lines become lines of the trace. An error that the node logs is a fault of the node.</summary>
/// <param name="world">Whose trace.</param>
/// <param name="node">Who logs.</param>
internal sealed class NodeLog(SimulatedWorld world, string node) : TextWriter
{
    private const int TimeChars = 25; // the log's own time means nothing here

    private readonly StringBuilder _line = new();

    public override Encoding Encoding => Encoding.UTF8;

    /// <summary>The log of a node.</summary>
    public static StructuredLog Of(SimulatedWorld world, string node) => new(
        new NodeLog(world, node), world.IsTraced ? LogLevel.Debug : LogLevel.Error);

    public override void Write(char value)
    {
        if (value != '\n')
        {
            _line.Append(value);
            return;
        }

        string line = _line.ToString()[Math.Min(TimeChars, _line.Length)..];
        _line.Clear();
        world.Note(node, line);
        if (line.StartsWith("error ", StringComparison.Ordinal))
        {
            world.Fail(new SimulationException($"{node} logs: {line}"));
        }
    }
}

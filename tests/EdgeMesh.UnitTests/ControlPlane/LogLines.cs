using System.IO;
using EdgeMesh.Logging;

namespace EdgeMesh.UnitTests.ControlPlane;

/// <summary>A log that can be read.</summary>
internal sealed class LogLines
{
    private readonly StringWriter _text = new();

    internal LogLines() => Log = new StructuredLog(TextWriter.Synchronized(_text), LogLevel.Debug);

    internal StructuredLog Log { get; }

    internal string Text => _text.ToString();
}

using System.IO;
using System.Text;
using System.Threading;
using EdgeMesh.Logging;

namespace EdgeMesh.UnitTests.ControlPlane;

/// <summary>A log that can be read while it is written.</summary>
internal sealed class LogLines
{
    private readonly Writer _writer = new();

    internal LogLines() => Log = new StructuredLog(_writer, LogLevel.Debug);

    internal StructuredLog Log { get; }

    internal string Text => _writer.ToString();

    private sealed class Writer : TextWriter
    {
        private readonly StringBuilder _text = new();
        private readonly Lock _lock = new();

        public override Encoding Encoding => Encoding.Unicode;

        public override void Write(char value) => Write(value.ToString());

        public override void Write(string? value)
        {
            lock (_lock)
            {
                _text.Append(value);
            }
        }

        public override string ToString()
        {
            lock (_lock)
            {
                return _text.ToString();
            }
        }
    }
}

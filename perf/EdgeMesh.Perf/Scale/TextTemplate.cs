using System;
using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;

namespace EdgeMesh.Perf.Scale;

/// <summary>JSON with gaps, minified once and filled often.</summary>
internal sealed class TextTemplate
{
    private readonly byte[][] _parts; // between gaps
    private readonly int[] _gaps;     // index of the value behind each part but the last

    /// <summary>Cuts a template.</summary>
    /// <param name="json">JSON in which strings hold gaps: <c>$0$</c> for the first value.</param>
    public TextTemplate(string json)
    {
        string[] words = JsonNode.Parse(json)!.ToJsonString().Split('$');
        _parts = new byte[(words.Length + 1) / 2][];
        _gaps = new int[words.Length / 2];
        for (int i = 0; i < words.Length; i++)
        {
            if (i % 2 == 0)
            {
                _parts[i / 2] = Encoding.UTF8.GetBytes(words[i]);
            }
            else
            {
                _gaps[i / 2] = words[i][0] - '0';
            }
        }
    }

    /// <summary>Writes it with its gaps filled.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="values">At most ten; ASCII, nothing that JSON would escape.</param>
    public void Write(IBufferWriter<byte> output, params ReadOnlySpan<string> values)
    {
        for (int i = 0; i < _parts.Length; i++)
        {
            output.Write(_parts[i]);
            if (i < _gaps.Length)
            {
                string value = values[_gaps[i]];
                Encoding.ASCII.GetBytes(value, output.GetSpan(value.Length));
                output.Advance(value.Length);
            }
        }
    }
}

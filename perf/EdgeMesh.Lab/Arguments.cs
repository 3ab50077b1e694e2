using System.Collections.Generic;
using System.Globalization;
using System.Net;

namespace EdgeMesh.Lab;

/// <summary>The options of a verb: <c>--name value</c>, or <c>--name</c> alone.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, string> _values = [];

    public Arguments(IReadOnlyList<string> words)
    {
        for (int i = 0; i < words.Count; i++)
        {
            if (!words[i].StartsWith("--", System.StringComparison.Ordinal))
            {
                throw new LabException($"`{words[i]}` is not an option: options start with --");
            }

            bool hasValue = i + 1 < words.Count && !words[i + 1].StartsWith("--", System.StringComparison.Ordinal);
            _values[words[i][2..]] = hasValue ? words[i + 1] : "true";
            i += hasValue ? 1 : 0;
        }
    }

    public bool Has(string name) => _values.ContainsKey(name);

    public string Text(string name, string otherwise) => _values.GetValueOrDefault(name, otherwise);

    public long Number(string name, long otherwise) =>
        _values.TryGetValue(name, out string? text)
            ? long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out long number)
                ? number
                : throw new LabException($"--{name} {text}: give a whole number")
            : otherwise;

    public IPEndPoint EndPoint(string name) =>
        IPEndPoint.TryParse(Text(name, ""), out IPEndPoint? endPoint)
            ? endPoint
            : throw new LabException(
                $"--{name}: give an address and a port, such as 10.244.1.11:5000 or [fd00:1::b]:5000");
}

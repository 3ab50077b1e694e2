using System;
using System.Collections.Generic;
using System.Globalization;

namespace EdgeMesh.Perf.Scale.Api;

/// <summary>A request of HTTP/1.1, its head parsed.</summary>
/// <param name="Method">GET, POST, ...</param>
/// <param name="Path">The path, unescaped, without query.</param>
/// <param name="Query">The query's parameters, unescaped; of a repeated one the last.</param>
/// <param name="Headers">The header fields; names in lower case, of a repeated one the last.</param>
internal sealed record ApiRequest(
    string Method,
    string Path,
    IReadOnlyDictionary<string, string> Query,
    IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>The body.</summary>
    public byte[] Body { get; init; } = [];

    /// <summary>Does the client take gzip?</summary>
    public bool AcceptsGzip =>
        Headers.TryGetValue("accept-encoding", out string? encodings)
        && encodings.Contains("gzip", StringComparison.OrdinalIgnoreCase);

    /// <summary>Bytes of the body, if the head says so; 0: none.</summary>
    public int ContentLength =>
        Headers.TryGetValue("content-length", out string? text)
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int length) ? length : 0;

    /// <summary>Does the body come in chunks?</summary>
    public bool IsChunked =>
        Headers.TryGetValue("transfer-encoding", out string? encoding)
        && encoding.Contains("chunked", StringComparison.OrdinalIgnoreCase);

    /// <summary>A parameter of the query; empty if it is absent.</summary>
    public string Parameter(string name) => Query.GetValueOrDefault(name, "");

    /// <summary>A parameter that is a number.</summary>
    public long Number(string name, long otherwise) =>
        long.TryParse(Parameter(name), NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number : otherwise;

    /// <summary>Parses a head.</summary>
    /// <param name="head">The lines up to the empty one, without it.</param>
    /// <returns>The request without its body; null if this is no head of HTTP/1.1.</returns>
    public static ApiRequest? Parse(string head)
    {
        string[] lines = head.Split("\r\n");
        string[] words = lines[0].Split(' ');
        if (words.Length != 3 || words[1].Length == 0 || words[1][0] != '/')
        {
            return null;
        }

        var headers = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in lines.AsSpan(1))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
            {
                return null;
            }

            headers[line[..colon].ToLowerInvariant()] = line[(colon + 1)..].Trim();
        }

        string[] target = words[1].Split('?', 2);
        return new ApiRequest(
            words[0], Uri.UnescapeDataString(target[0]), ParseQuery(target.Length > 1 ? target[1] : ""), headers);
    }

    private static Dictionary<string, string> ParseQuery(string query)
    {
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] sides = pair.Split('=', 2);
            parameters[Unescape(sides[0])] = sides.Length > 1 ? Unescape(sides[1]) : "";
        }

        return parameters;
    }

    private static string Unescape(string text) =>
        Uri.UnescapeDataString(text.Replace('+', ' '));
}

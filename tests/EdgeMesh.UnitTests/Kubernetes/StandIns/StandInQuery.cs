using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json.Nodes;

namespace EdgeMesh.UnitTests.Kubernetes.StandIns;

/// <summary>A request's target: /api/v1/namespaces/NS/PLURAL/NAME?... or /apis/GROUP/VERSION/...</summary>
public sealed class StandInQuery
{
    private readonly Dictionary<string, string> _parameters = new(StringComparer.Ordinal);

    public StandInQuery(string target)
    {
        string[] parts = target.Split('?', 2);
        Path = parts[0];
        string[] steps = [.. parts[0].Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString)];
        int at = steps.Length > 0 && steps[0] == "apis" ? 3 : 2;
        Root = string.Join('/', steps.Take(at));
        if (steps.Length > at + 2 && steps[at] == "namespaces")
        {
            Namespace = steps[at + 1];
            at += 2;
        }

        Plural = steps.Length > at ? steps[at] : "";
        Name = steps.Length > at + 1 ? steps[at + 1] : "";
        foreach (string pair in parts.Length > 1 ? parts[1].Split('&') : [])
        {
            string[] both = pair.Split('=', 2);
            _parameters[Uri.UnescapeDataString(both[0])] = both.Length > 1 ? Uri.UnescapeDataString(both[1]) : "";
        }
    }

    public string Path { get; }

    public string Root { get; }

    public string Namespace { get; } = "";

    public string Plural { get; }

    public string Name { get; }

    /// <summary>Which kind: "api/v1/pods".</summary>
    public string Kind => $"{Root}/{Plural}";

    public bool IsWatch => this["watch"] is "true" or "1";

    public string this[string parameter] => _parameters.GetValueOrDefault(parameter, "");

    /// <summary>Is the object asked for, by namespace and selectors?</summary>
    public bool Matches(JsonObject item)
    {
        string ns = StandInStore.NamespaceOf(item);
        return (Namespace.Length == 0 || Namespace == ns)
            && Terms("labelSelector").All(term => MatchesTerm(term, Text(item["metadata"]?["labels"]?[Key(term)])))
            && Terms("fieldSelector").All(term => MatchesTerm(term, Field(item, Key(term))));
    }

    private string[] Terms(string parameter) =>
        this[parameter].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string Key(string term) => term.Split('=', '!')[0];

    private static bool MatchesTerm(string term, string? value)
    {
        string wanted = term[(term.LastIndexOf('=') + 1)..];
        return term.Contains("!=", StringComparison.Ordinal) ? value != wanted
            : term.Contains('=', StringComparison.Ordinal) ? value == wanted
            : value is not null;
    }

    private static string? Field(JsonObject item, string path)
    {
        JsonNode? node = item;
        foreach (string step in path.Split('.'))
        {
            node = (node as JsonObject)?[step];
        }

        return Text(node);
    }

    private static string? Text(JsonNode? node) => node?.GetValue<string>();
}

using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;

namespace EdgeMesh.KubernetesTests.Cluster;

/// <summary>A call that a service account made, as the API server's audit log tells it.</summary>
/// <param name="Account">Its name, without namespace.</param>
/// <param name="Verb">get, list, watch, create, update, patch, delete.</param>
/// <param name="Group">The API group; empty for the core's.</param>
/// <param name="Resource">The resource, with its subresource behind a slash; or the path asked for.</param>
/// <param name="Namespace">The namespace; empty if none.</param>
/// <param name="Name">The object's name; empty if none.</param>
/// <param name="IsAllowed">What the API server decided.</param>
/// <param name="Code">The HTTP code of the answer.</param>
internal sealed record AuditedCall(
    string Account, string Verb, string Group, string Resource, string Namespace, string Name, bool IsAllowed, int Code)
{
    /// <summary>All calls that service accounts of a namespace made so far.</summary>
    public static IReadOnlyList<AuditedCall> Read(string path, string ofNamespace)
    {
        string prefix = $"system:serviceaccount:{ofNamespace}:";
        var calls = new List<AuditedCall>();
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        while (reader.ReadLine() is { } line)
        {
            if (!line.Contains(prefix, StringComparison.Ordinal) || !line.EndsWith('}'))
            {
                continue;
            }

            using var document = JsonDocument.Parse(line);
            JsonElement entry = document.RootElement;
            string user = entry.GetProperty("user").GetProperty("username").GetString()!;
            if (user.StartsWith(prefix, StringComparison.Ordinal))
            {
                calls.Add(Of(user[prefix.Length..], entry));
            }
        }

        return calls;
    }

    private static AuditedCall Of(string account, JsonElement entry)
    {
        string decision = entry.TryGetProperty("annotations", out JsonElement annotations)
            ? Text(annotations, "authorization.k8s.io/decision") : "";
        int code = entry.TryGetProperty("responseStatus", out JsonElement status) &&
            status.TryGetProperty("code", out JsonElement number) ? number.GetInt32() : 0;
        if (!entry.TryGetProperty("objectRef", out JsonElement target))
        {
            string uri = entry.GetProperty("requestURI").GetString()!;
            return new AuditedCall(
                account, Text(entry, "verb"), "", uri.Split('?')[0], "", "", decision != "forbid", code);
        }

        string part = Text(target, "subresource");
        return new AuditedCall(
            account,
            Text(entry, "verb"),
            Text(target, "apiGroup"),
            Text(target, "resource") + (part.Length > 0 ? "/" + part : ""),
            Text(target, "namespace"),
            Text(target, "name"),
            decision != "forbid",
            code);
    }

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) ? value.GetString() ?? "" : "";
}

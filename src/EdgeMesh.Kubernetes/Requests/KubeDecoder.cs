using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using EdgeMesh.Kubernetes.Objects;

namespace EdgeMesh.Kubernetes.Requests;

/// <summary>Reads objects, lists and events. Never throws: what can't be read is a problem with a name.</summary>
/// <remarks>The items of a list are read one by one, so one that is wrong does not take the others with it.</remarks>
internal static class KubeDecoder
{
    private static ReadOnlySpan<byte> KindName => "kind"u8;

    /// <summary>Reads one object.</summary>
    internal static bool TryDecode<T>(
        KubeResource<T> resource, ReadOnlySpan<byte> json, [NotNullWhen(true)] out T? value,
        [NotNullWhen(false)] out KubeProblem? problem)
        where T : KubeObject
    {
        value = null;
        string? fault;
        try
        {
            value = JsonSerializer.Deserialize(json, resource.Json);
            fault = value is null ? "it is null"
                : value.Kind is { Length: > 0 } kind && kind != resource.Kind ? $"it is of kind '{Printable(kind)}'"
                : value.FindFault();
        }
        catch (JsonException e)
        {
            fault = Explain(e);
        }

        if (fault is null)
        {
            problem = null;
            return value is not null;
        }

        value = null;
        string key = KeyIn(json);
        string name = key.Length == 0 ? $"a {resource.Kind} without a readable name" : $"{resource.Kind} {key}";
        problem = new KubeProblem(key, $"{name} can't be read: {fault}");
        return false;
    }

    /// <summary>Reads a list or a page of it.</summary>
    /// <param name="resource">The kind of its items.</param>
    /// <param name="json">The answer.</param>
    /// <param name="isMetaServer">Is it from metaServer? Then it may be from its cache.</param>
    /// <param name="fault">Why the list as a whole can't be read; empty if it can.</param>
    internal static KubePage<T>? DecodeList<T>(
        KubeResource<T> resource, ReadOnlySpan<byte> json, bool isMetaServer, out string fault)
        where T : KubeObject
    {
        var items = new List<T>();
        var malformed = new List<KubeProblem>();
        var head = new ListHead();
        try
        {
            var reader = new Utf8JsonReader(json);
            fault = "it is no list";
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            bool hasItems = false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isItems = reader.ValueTextEquals("items"u8);
                bool isMetadata = reader.ValueTextEquals("metadata"u8);
                reader.Read();
                if (isItems && reader.TokenType == JsonTokenType.StartArray)
                {
                    hasItems = true;
                    ReadItems(resource, json, ref reader, items, malformed);
                }
                else if (isItems && reader.TokenType == JsonTokenType.Null)
                {
                    hasItems = true; // how Go writes an empty list
                }
                else if (isMetadata && reader.TokenType == JsonTokenType.StartObject)
                {
                    ReadHead(ref reader, ref head);
                }
                else
                {
                    reader.Skip();
                }
            }

            if (!hasItems || reader.Read())
            {
                return null;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            fault = Explain(e);
            return null;
        }

        fault = "";
        bool isFromCache = isMetaServer && (head.HasSelfLink || head.ResourceVersion is "" or "0");
        return new KubePage<T>(
            KubeResult.Found, items, malformed, head.ResourceVersion, head.Continue, isFromCache, "");
    }

    /// <summary>Reads a line of a watch.</summary>
    /// <param name="resource">The kind of the objects.</param>
    /// <param name="line">The line, without its end.</param>
    /// <param name="status">With an ERROR event: what the server says.</param>
    /// <returns>The event; null if it is an ERROR.</returns>
    internal static KubeEvent<T>? DecodeEvent<T>(
        KubeResource<T> resource, ReadOnlySpan<byte> line, out KubeStatus? status)
        where T : KubeObject
    {
        status = null;
        try
        {
            if (!TrySplitEvent(line, out string type, out ReadOnlySpan<byte> content))
            {
                return Malformed<T>("", $"an event of {resource} has no 'type' or no 'object'");
            }

            switch (type)
            {
                case "ERROR":
                    status = JsonSerializer.Deserialize(content, KubeJson.Default.KubeStatus) ?? new KubeStatus();
                    return null;
                case "BOOKMARK":
                    return DecodeBookmark(resource, content);
                case "ADDED" or "MODIFIED" or "DELETED":
                    break;
                default:
                    return Malformed<T>("", $"an event of {resource} has the unknown type '{Printable(type)}'");
            }

            if (!TryDecode(resource, content, out T? value, out KubeProblem? problem))
            {
                return Malformed<T>(problem.Key, problem.Message);
            }

            KubeEventKind kind = type switch
            {
                "ADDED" => KubeEventKind.Added,
                "MODIFIED" => KubeEventKind.Modified,
                _ => KubeEventKind.Deleted,
            };
            return new KubeEvent<T>(kind, value, value.Metadata.Key);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return Malformed<T>("", $"an event of {resource} can't be read: {Explain(e)}");
        }
    }

    /// <summary>Reads how the server says no.</summary>
    /// <returns>Null if it is no Status.</returns>
    internal static KubeStatus? DecodeStatus(ReadOnlySpan<byte> json)
    {
        try
        {
            return IsStatus(json) ? JsonSerializer.Deserialize(json, KubeJson.Default.KubeStatus) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null; // a proxy's page
        }
    }

    /// <summary>Is it a Status, and not an object?</summary>
    internal static bool IsStatus(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            return TryFind(ref reader, KindName) && reader.TokenType == JsonTokenType.String
                && reader.ValueTextEquals("Status"u8);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static KubeEvent<T> DecodeBookmark<T>(KubeResource<T> resource, ReadOnlySpan<byte> content)
        where T : KubeObject
    {
        // A bookmark's object has a resourceVersion and nothing else, so it is not held to what objects must have.
        T? value = JsonSerializer.Deserialize(content, resource.Json);
        return value is null
            ? Malformed<T>("", $"a bookmark of {resource} is empty")
            : new KubeEvent<T>(KubeEventKind.Bookmark, value);
    }

    private static KubeEvent<T> Malformed<T>(string key, string message)
        where T : KubeObject => new(KubeEventKind.Malformed, null, key, KubeResult.Malformed, message);

    private static void ReadItems<T>(
        KubeResource<T> resource, ReadOnlySpan<byte> json, ref Utf8JsonReader reader, List<T> items,
        List<KubeProblem> malformed)
        where T : KubeObject
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            ReadOnlySpan<byte> item = json[start..(int)reader.BytesConsumed];
            if (TryDecode(resource, item, out T? value, out KubeProblem? problem))
            {
                items.Add(value);
            }
            else
            {
                malformed.Add(problem);
            }
        }
    }

    private static void ReadHead(ref Utf8JsonReader reader, ref ListHead head)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isVersion = reader.ValueTextEquals("resourceVersion"u8);
            bool isContinue = reader.ValueTextEquals("continue"u8);
            bool isSelfLink = reader.ValueTextEquals("selfLink"u8);
            reader.Read();
            string text = reader.TokenType == JsonTokenType.String && (isVersion || isContinue || isSelfLink)
                ? reader.GetString() ?? ""
                : "";
            head = new ListHead(
                isVersion ? text : head.ResourceVersion,
                isContinue ? text : head.Continue,
                isSelfLink ? text.Length > 0 : head.HasSelfLink);
            reader.Skip();
        }
    }

    private static bool TrySplitEvent(ReadOnlySpan<byte> line, out string type, out ReadOnlySpan<byte> content)
    {
        type = "";
        content = default;
        var reader = new Utf8JsonReader(line);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isType = reader.ValueTextEquals("type"u8);
            bool isObject = reader.ValueTextEquals("object"u8);
            reader.Read();
            int start = (int)reader.TokenStartIndex;
            if (isType && reader.TokenType == JsonTokenType.String)
            {
                type = reader.GetString() ?? "";
            }

            reader.Skip();
            if (isObject)
            {
                content = line[start..(int)reader.BytesConsumed];
            }
        }

        return type.Length > 0 && !content.IsEmpty && !reader.Read();
    }

    // As much of a name as can be read from an object that can't.
    private static string KeyIn(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!TryFind(ref reader, "metadata"u8))
            {
                return "";
            }

            string name = "";
            string ns = "";
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return "";
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isName = reader.ValueTextEquals("name"u8);
                bool isNamespace = reader.ValueTextEquals("namespace"u8);
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                {
                    name = isName ? reader.GetString() ?? "" : name;
                    ns = isNamespace ? reader.GetString() ?? "" : ns;
                }

                reader.Skip();
            }

            return name.Length == 0 ? "" : Printable(KubeMetadata.KeyOf(ns, name));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return "";
        }
    }

    // Goes to the value of a property of the outermost object.
    private static bool TryFind(ref Utf8JsonReader reader, ReadOnlySpan<byte> property)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isIt = reader.ValueTextEquals(property);
            reader.Read();
            if (isIt)
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }

    private static string Explain(Exception e)
    {
        if (e is not JsonException json)
        {
            return "a text in it is no UTF-8";
        }

        // The reader's own exceptions have a place, the serializer's a path.
        string path = json.Path is { Length: > 2 } full ? full[2..] : "";
        bool isText = json.InnerException is JsonException || json.Path is null;
        return (isText, path) switch
        {
            (true, _) => $"the JSON is broken near byte {json.BytePositionInLine} of line {json.LineNumber + 1}",
            (false, "") => "it is no JSON object",
            _ => $"field '{Printable(path)}' has a value of the wrong type",
        };
    }

    private static string Printable(string text)
    {
        string cut = text.Length <= 128 ? text : text[..128];
        return string.Create(cut.Length, cut, static (span, source) =>
        {
            for (int i = 0; i < source.Length; i++)
            {
                span[i] = char.IsControl(source[i]) ? '?' : source[i];
            }
        });
    }

    private readonly record struct ListHead(string ResourceVersion, string Continue, bool HasSelfLink)
    {
        public ListHead()
            : this("", "", HasSelfLink: false)
        {
        }
    }
}

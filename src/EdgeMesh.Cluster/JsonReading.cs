using System;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EdgeMesh.Cluster;

/// <summary>Reads a text of somebody else's; what is wrong with it becomes a sentence.</summary>
internal static class JsonReading
{
    /// <summary>The schema that this version writes and reads.</summary>
    public const int Schema = 1;

    /// <summary>Reads a text that says its schema.</summary>
    /// <param name="text">The text.</param>
    /// <param name="bytesMax">Longest one.</param>
    /// <param name="type">What it is to become.</param>
    /// <param name="value">What came out.</param>
    /// <param name="problem">What is wrong with it, to follow the name of what it is.</param>
    /// <returns>False if it can't be read.</returns>
    public static bool TryReadVersioned<T>(
        string text,
        int bytesMax,
        JsonTypeInfo<T> type,
        [NotNullWhen(true)] out T? value,
        [NotNullWhen(false)] out string? problem)
        where T : class
    {
        value = null;

        // The schema first: a later one may have fields of other types.
        if (!TryRead(text, bytesMax, SchemaJson.Default.SchemaText, out SchemaText? schema, out problem))
        {
            return false;
        }

        if (schema.Schema != Schema)
        {
            problem = schema.Schema is int other
                ? $"has schema {other}, and this version reads schema {Schema}: update the older side"
                : "says no schema";
            return false;
        }

        return TryRead(text, bytesMax, type, out value, out problem);
    }

    /// <summary>Reads a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="bytesMax">Longest one.</param>
    /// <param name="type">What it is to become.</param>
    /// <param name="value">What came out.</param>
    /// <param name="problem">What is wrong with it, to follow the name of what it is.</param>
    /// <returns>False if it can't be read.</returns>
    public static bool TryRead<T>(
        string text,
        int bytesMax,
        JsonTypeInfo<T> type,
        [NotNullWhen(true)] out T? value,
        [NotNullWhen(false)] out string? problem)
        where T : class
    {
        value = null;
        problem = null;
        if (text.Length > bytesMax || Encoding.UTF8.GetByteCount(text) > bytesMax)
        {
            problem = $"is longer than {bytesMax} bytes";
            return false;
        }

        try
        {
            value = JsonSerializer.Deserialize(text, type);
            problem = value is null ? "is null" : null;
        }
        catch (JsonException e)
        {
            problem = $"is not the JSON it should be (at {e.Path ?? "$"}, line {(e.LineNumber ?? 0) + 1})";
        }
        catch (ArgumentException)
        {
            problem = "is no Unicode text"; // half of a surrogate pair
        }

        return value is not null;
    }
}

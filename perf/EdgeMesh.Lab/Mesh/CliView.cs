using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;

namespace EdgeMesh.Lab.Mesh;

/// <summary>An object of the command line's JSON. Names are compared without case and underscores.</summary>
public sealed class CliView
{
    private readonly JsonElement _element;

    /// <summary>A view of an element.</summary>
    public CliView(JsonElement element) => _element = element;

    /// <summary>Parses a text.</summary>
    public static CliView Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return new CliView(document.RootElement.Clone());
    }

    /// <summary>The element's text, as it is.</summary>
    public string Raw => _element.GetRawText();

    /// <summary>Whether a field is there.</summary>
    public bool Has(string name) => TryFind(name, out _);

    /// <summary>An object within this one.</summary>
    public CliView Child(string name) => new(Find(name));

    /// <summary>A text.</summary>
    public string Text(string name) => Find(name).ToString();

    /// <summary>A number; numbers written as text count too (64-bit ones often are).</summary>
    public double Number(string name) => double.Parse(Find(name).ToString(), CultureInfo.InvariantCulture);

    /// <summary>A whole number.</summary>
    public long Count(string name) => (long)Number(name);

    /// <summary>A truth value; a missing one is false.</summary>
    public bool Flag(string name) => TryFind(name, out JsonElement value) && value.ValueKind == JsonValueKind.True;

    /// <summary>The objects of a list; the element itself if it is that list.</summary>
    public IReadOnlyList<CliView> Items(string name)
    {
        JsonElement list = _element.ValueKind == JsonValueKind.Array ? _element : Find(name);
        return [.. list.EnumerateArray().Select(item => new CliView(item))];
    }

    /// <summary>The texts of a list.</summary>
    public IReadOnlyList<string> Texts(string name) => [.. Find(name).EnumerateArray().Select(item => item.ToString())];

    private JsonElement Find(string name) => TryFind(name, out JsonElement value)
        ? value
        : throw new LabException($"no field {name} in {Raw}");

    private bool TryFind(string name, out JsonElement value)
    {
        value = default;
        if (_element.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        foreach (JsonProperty property in _element.EnumerateObject())
        {
            if (Plain(property.Name) == Plain(name))
            {
                value = property.Value;
                return true;
            }
        }

        return false;
    }

    private static string Plain(string name) =>
        name.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();
}

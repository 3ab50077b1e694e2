using System;
using System.Collections.Generic;

namespace EdgeMesh.Cluster;

/// <summary>What we read and write of a ConfigMap. No request is made here.</summary>
/// <param name="Name">Its name; the namespace is the release's.</param>
/// <param name="Labels">Its labels, those that we care about.</param>
/// <param name="Data">Text by key.</param>
/// <param name="BinaryData">Bytes by key.</param>
public sealed record ClusterObject(
    string Name,
    IReadOnlyDictionary<string, string> Labels,
    IReadOnlyDictionary<string, string> Data,
    IReadOnlyDictionary<string, byte[]> BinaryData)
{
    private static readonly Dictionary<string, string> NoTexts = [];
    private static readonly Dictionary<string, byte[]> NoBytes = [];

    /// <summary>An object as an API gives it, which leaves out what is empty.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="labels">Its labels; null: none.</param>
    /// <param name="data">Text by key; null: none.</param>
    /// <param name="binaryData">Bytes by key; null: none.</param>
    /// <returns>The object.</returns>
    public static ClusterObject Of(
        string name,
        IReadOnlyDictionary<string, string>? labels,
        IReadOnlyDictionary<string, string>? data,
        IReadOnlyDictionary<string, byte[]>? binaryData) =>
        new(name, labels ?? NoTexts, data ?? NoTexts, binaryData ?? NoBytes);

    /// <summary>An object of one text.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="labels">Its labels.</param>
    /// <param name="key">The key of the text.</param>
    /// <param name="text">The text.</param>
    /// <returns>The object.</returns>
    public static ClusterObject OfText(
        string name, IReadOnlyDictionary<string, string> labels, string key, string text) =>
        new(name, labels, new Dictionary<string, string>(StringComparer.Ordinal) { [key] = text }, NoBytes);

    /// <summary>An object of some bytes, under its own name as key: so files of several objects fit one
    /// directory.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="labels">Its labels.</param>
    /// <param name="bytes">The bytes.</param>
    /// <returns>The object.</returns>
    public static ClusterObject OfBytes(string name, IReadOnlyDictionary<string, string> labels, byte[] bytes) =>
        new(name, labels, NoTexts, new Dictionary<string, byte[]>(StringComparer.Ordinal) { [name] = bytes });
}

using System;
using System.Collections.Generic;
using System.IO;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace EdgeMesh.ControlPlane.Sources;

/// <summary>
/// Reads the shape of mesh.yaml: keys, kinds of values, and each value by itself. One use per instance.
/// </summary>
internal sealed class MeshFileReader
{
    private const string ApiVersion = "edgemesh.io/v1alpha1";
    private const string Kind = "Mesh";
    private static readonly string[] RootKeys = ["apiVersion", "kind", "cloudCIDR", "edgeCIDR", "nodes"];
    private static readonly string[] NodeKeys = ["name", "peerId", "addresses", "relay", "prefixes"];

    private delegate bool ScalarReader<T>(Located<string> text, out T value, out string? error);

    private readonly YamlCursor _yaml;
    private readonly List<MeshFileError> _errors;
    private readonly ParsedMesh _mesh = new();

    private MeshFileReader(YamlCursor yaml, List<MeshFileError> errors)
    {
        _yaml = yaml;
        _errors = errors;
    }

    /// <summary>Reads a text.</summary>
    /// <returns>What could be read; only of use if no errors were added.</returns>
    internal static ParsedMesh Read(string text, List<MeshFileError> errors)
    {
        try
        {
            using var reader = new StringReader(text);
            return new MeshFileReader(new YamlCursor(reader), errors).ReadStream();
        }
        catch (YamlException e)
        {
            errors.Add(new MeshFileError(YamlCursor.At(e.Start), $"this is no YAML: {e.Message}"));
            return new ParsedMesh();
        }
    }

    private bool IsFull => _errors.Count >= MeshFileLimits.ErrorsMax;

    private ParsedMesh ReadStream()
    {
        _yaml.TryTake<StreamStart>();
        if (!_yaml.TryTake<DocumentStart>())
        {
            _errors.Add(new MeshFileError(new FilePosition(1, 1), "the file is empty: see docs/operations.md for one "
                + "to begin with"));
            return _mesh;
        }

        FilePosition start = _yaml.Position;
        HashSet<string> seen = ReadMapping("the file", RootKeys, ReadRootValue);
        if (_errors.Count == 0)
        {
            foreach (string key in (string[])["apiVersion", "kind", "nodes"])
            {
                if (!seen.Contains(key))
                {
                    Fail(start, $"'{key}' is missing: add '{key}: {ValueOf(key)}'");
                }
            }
        }

        if (!IsFull && _yaml.TryTake<DocumentEnd>() && !_yaml.IsAt<StreamEnd>())
        {
            Fail(_yaml.Position, "a second document begins here: one file holds one mesh");
        }

        return _mesh;
    }

    private static string ValueOf(string key) => key switch
    {
        "apiVersion" => ApiVersion,
        "kind" => Kind,
        _ => "[...]",
    };

    private void ReadRootValue(Located<string> key)
    {
        switch (key.Value)
        {
            case "apiVersion":
                ReadConstant(key.Value, ApiVersion);
                break;
            case "kind":
                ReadConstant(key.Value, Kind);
                break;
            case "cloudCIDR":
                ReadList(key.Value, _mesh.CloudCidr, ReadPrefix);
                break;
            case "edgeCIDR":
                ReadList(key.Value, _mesh.EdgeCidr, ReadPrefix);
                break;
            default:
                _mesh.NodesPosition = key.Position;
                ReadNodes();
                break;
        }
    }

    private void ReadNodes()
    {
        FilePosition at = _yaml.Position;
        if (!_yaml.TryTake<SequenceStart>())
        {
            FailAndSkip(at, $"'nodes' is a list, here is {_yaml.Describe()}: begin each node with '- name: ...'");
            return;
        }

        while (!_yaml.TryTake<SequenceEnd>() && !IsFull)
        {
            var node = new ParsedNode { Position = _yaml.Position };
            int errorsBefore = _errors.Count;
            HashSet<string> seen = ReadMapping("a node", NodeKeys, key => ReadNodeValue(node, key));
            foreach (string key in (string[])["name", "peerId"])
            {
                if (_errors.Count == errorsBefore && !seen.Contains(key))
                {
                    Fail(node.Position, $"{node.NameForErrors} has no '{key}': add it");
                }
            }

            if (_mesh.Nodes.Count == ControlLimits.NodesMax)
            {
                Fail(node.Position, $"more than {ControlLimits.NodesMax} nodes: that is the limit");
                return;
            }

            _mesh.Nodes.Add(node);
        }
    }

    private void ReadNodeValue(ParsedNode node, Located<string> key)
    {
        switch (key.Value)
        {
            case "name":
                node.Name = ReadOne<string>("name", ReadNodeName);
                break;
            case "peerId":
                node.PeerId = ReadOne<byte[]>("peerId", ReadPeerId);
                break;
            case "relay":
                node.IsRelay = ReadOne<bool>("relay", ReadBoolean) is { Value: true };
                break;
            case "addresses":
                ReadList(key.Value, node.Addresses, ReadAddress);
                break;
            default:
                ReadList(key.Value, node.Prefixes, ReadPrefix);
                break;
        }
    }

    // Calls readValue with the cursor at each value; readValue steps over it.
    private HashSet<string> ReadMapping(string what, string[] known, Action<Located<string>> readValue)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        FilePosition at = _yaml.Position;
        if (!_yaml.TryTake<MappingStart>())
        {
            FailAndSkip(at, $"{what} is a mapping of {string.Join(", ", known)}; here is {_yaml.Describe()}");
            return seen;
        }

        while (!_yaml.TryTake<MappingEnd>() && !IsFull)
        {
            at = _yaml.Position;
            if (!_yaml.TryTakeScalar(out Located<string> key, out _))
            {
                FailAndSkip(at, $"{_yaml.Describe()} can't be a key: the keys are {string.Join(", ", known)}");
                _yaml.Skip();
            }
            else if (Array.IndexOf(known, key.Value) < 0)
            {
                string? nearest = NearestName.Find(key.Value, known);
                string remedy = nearest is null
                    ? $"the keys are {string.Join(", ", known)}"
                    : $"did you mean '{nearest}'?";
                FailAndSkip(key.Position, $"there is no key '{Shorten(key.Value)}': {remedy}");
            }
            else if (!seen.Add(key.Value))
            {
                FailAndSkip(key.Position, $"'{key.Value}' is here for the second time: keep one");
            }
            else
            {
                readValue(key);
            }
        }

        return seen;
    }

    private void ReadConstant(string key, string expected)
    {
        FilePosition at = _yaml.Position;
        if (!_yaml.TryTakeScalar(out Located<string> text, out _))
        {
            FailAndSkip(at, $"'{key}' is '{expected}', here is {_yaml.Describe()}");
        }
        else if (text.Value != expected)
        {
            Fail(text.Position, $"{key} '{Shorten(text.Value)}' is not known here: write '{expected}'");
        }
    }

    private Located<T>? ReadOne<T>(string key, ScalarReader<T> read)
    {
        FilePosition at = _yaml.Position;
        if (!_yaml.TryTakeScalar(out Located<string> text, out _))
        {
            FailAndSkip(at, $"{key} is a single value, here is {_yaml.Describe()}");
            return null;
        }

        return Convert(key, text, read);
    }

    // A list, a single value in its place, or nothing.
    private void ReadList<T>(string key, List<Located<T>> list, ScalarReader<T> read)
    {
        FilePosition at = _yaml.Position;
        if (_yaml.TryTakeScalar(out Located<string> single, out bool isPlain))
        {
            bool isNull = isPlain && single.Value is "" or "~" or "null";
            if (!isNull && Convert(key, single, read) is { } value)
            {
                list.Add(value);
            }

            return;
        }

        if (!_yaml.TryTake<SequenceStart>())
        {
            FailAndSkip(at, $"'{key}' is a list, here is {_yaml.Describe()}");
            return;
        }

        while (!_yaml.TryTake<SequenceEnd>() && !IsFull)
        {
            if (ReadOne($"an entry of {key}", read) is { } value)
            {
                list.Add(value);
            }
        }
    }

    private Located<T>? Convert<T>(string key, Located<string> text, ScalarReader<T> read)
    {
        if (read(text, out T value, out string? error))
        {
            return new Located<T>(value, text.Position);
        }

        Fail(text.Position, $"{key}: {error}");
        return null;
    }

    private static bool ReadNodeName(Located<string> text, out string value, out string? error)
    {
        value = text.Value;
        error = MeshDocuments.IsNodeName(value)
            ? null
            : $"'{Shorten(value)}' is no node name: letters, digits, '-', '_' and '.', a letter or digit first and "
                + "last, "
                + $"at most {ControlLimits.NodeNameBytesMax}";
        return error is null;
    }

    private static bool ReadPeerId(Located<string> text, out byte[] value, out string? error)
    {
        bool isRead = PeerIdText.TryDecode(text.Value, out byte[]? multihash, out error);
        value = multihash ?? [];
        return isRead;
    }

    private static bool ReadBoolean(Located<string> text, out bool value, out string? error)
    {
        value = text.Value == "true";
        error = text.Value is "true" or "false" ? null : $"'{Shorten(text.Value)}' is neither true nor false";
        return error is null;
    }

    private static bool ReadAddress(Located<string> text, out UnderlayAddress value, out string? error)
    {
        bool isRead = MultiaddrText.TryParse(text.Value, out UnderlayAddress? address, out error);
        value = address!;
        return isRead;
    }

    private static bool ReadPrefix(Located<string> text, out IpPrefix value, out string? error)
    {
        bool isRead = IpPrefixes.TryParse(Shorten(text.Value), out IpPrefix? prefix, out error);
        value = prefix!;
        return isRead;
    }

    private static string Shorten(string text) => text.Length <= 64 ? text : text[..64] + "...";

    private void Fail(FilePosition at, string message) => _errors.Add(new MeshFileError(at, message));

    private void FailAndSkip(FilePosition at, string message)
    {
        Fail(at, message);
        _yaml.Skip();
    }
}

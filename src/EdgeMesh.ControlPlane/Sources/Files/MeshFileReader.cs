using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using EdgeMesh.Addresses;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.ControlPlane.DesiredState;
using Google.Protobuf;
using Google.Protobuf.Collections;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace EdgeMesh.ControlPlane.Sources.Files;

/// <summary>
/// Reads the shape of mesh.yaml: keys, kinds of values, and each value by itself. One use per instance.
/// </summary>
internal sealed class MeshFileReader
{
    private const string ApiVersion = "edgemesh.io/v1alpha1";
    private const string Kind = "Mesh";
    private static readonly string[] RootKeys = ["apiVersion", "kind", "generation", "cloudCIDR", "edgeCIDR", "nodes"];
    private static readonly string[] NodeKeys = ["name", "peerId", "addresses", "relay", "prefixes"];

    private delegate bool ScalarReader<T>(Located<string> text, out T value, out string? error);

    private readonly YamlCursor _yaml;
    private readonly List<MeshFileError> _errors;
    private readonly MeshFileReading _mesh = new();

    private MeshFileReader(YamlCursor yaml, List<MeshFileError> errors)
    {
        _yaml = yaml;
        _errors = errors;
    }

    /// <summary>Reads a text.</summary>
    /// <returns>What could be read; only of use if no errors were added.</returns>
    internal static MeshFileReading Read(string text, List<MeshFileError> errors)
    {
        try
        {
            using var reader = new StringReader(text);
            return new MeshFileReader(new YamlCursor(reader), errors).ReadStream();
        }
        catch (YamlException e)
        {
            errors.Add(new MeshFileError(YamlCursor.At(e.Start), $"this is no YAML: {e.Message}"));
            return new MeshFileReading();
        }
    }

    private bool IsFull => _errors.Count >= MeshFileLimits.ErrorsMax;

    private MeshFileReading ReadStream()
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
            case "generation":
                ReadGeneration(key.Value);
                break;
            case "cloudCIDR":
                ReadList<IpPrefix>(key.Value, _mesh.Document.CloudCidr, _mesh.CloudCidr, ReadPrefix);
                break;
            case "edgeCIDR":
                ReadList<IpPrefix>(key.Value, _mesh.Document.EdgeCidr, _mesh.EdgeCidr, ReadPrefix);
                break;
            default:
                _mesh.Nodes = key.Position;
                ReadNodes();
                break;
        }
    }

    private void ReadGeneration(string key)
    {
        if (ReadOne<ulong>(key, ReadNumber) is { } generation)
        {
            _mesh.Generation = generation.Position;
            _mesh.Document.Generation = generation.Value;
            _mesh.Document.Source = MeshSources.File;
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
            var node = new MeshNode();
            var places = new MeshFileNode(_yaml.Position);
            int errorsBefore = _errors.Count;
            HashSet<string> seen = ReadMapping("a node", NodeKeys, key => ReadNodeValue(node, places, key));
            foreach (string key in (string[])["name", "peerId"])
            {
                if (_errors.Count == errorsBefore && !seen.Contains(key))
                {
                    string name = node.Name.Length == 0 ? "this node" : $"node '{MeshDocuments.Printable(node.Name)}'";
                    Fail(places.Start, $"{name} has no '{key}': add it");
                }
            }

            if (_mesh.NodePlaces.Count == ControlLimits.NodesMax)
            {
                Fail(places.Start, $"more than {ControlLimits.NodesMax} nodes: that is the limit");
                return;
            }

            _mesh.Document.Nodes.Add(node);
            _mesh.NodePlaces.Add(places);
        }
    }

    private void ReadNodeValue(MeshNode node, MeshFileNode places, Located<string> key)
    {
        switch (key.Value)
        {
            case "name" when ReadOne<string>(key.Value, ReadText) is { } name:
                (node.Name, places.Name) = (name.Value, name.Position);
                break;
            case "peerId" when ReadOne<ByteString>(key.Value, ReadPeerId) is { } peer:
                (node.PeerId, places.PeerId) = (peer.Value, peer.Position);
                break;
            case "relay" when ReadOne<bool>(key.Value, ReadBoolean) is { } relay:
                node.Relay = relay.Value;
                break;
            case "addresses":
                ReadList<string>(key.Value, node.Addresses, places.Addresses, ReadText);
                break;
            case "prefixes":
                ReadList<IpPrefix>(key.Value, node.Prefixes, places.Prefixes, ReadPrefix);
                break;
            default:
                break; // told by ReadOne
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
                FailAndSkip(key.Position, $"there is no key '{MeshDocuments.Printable(key.Value)}': {remedy}");
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
            Fail(text.Position, $"{key} '{MeshDocuments.Printable(text.Value)}' is not known here: write '{expected}'");
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
    private void ReadList<T>(string key, RepeatedField<T> list, List<FilePosition> places, ScalarReader<T> read)
    {
        void Add(Located<T> value)
        {
            list.Add(value.Value);
            places.Add(value.Position);
        }

        FilePosition at = _yaml.Position;
        if (_yaml.TryTakeScalar(out Located<string> single, out bool isPlain))
        {
            bool isNull = isPlain && single.Value is "" or "~" or "null";
            if (!isNull && Convert(key, single, read) is { } value)
            {
                Add(value);
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
                Add(value);
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

    private static bool ReadText(Located<string> text, out string value, out string? error)
    {
        (value, error) = (text.Value, null);
        return true;
    }

    private static bool ReadNumber(Located<string> text, out ulong value, out string? error)
    {
        bool isRead = ulong.TryParse(text.Value, NumberStyles.None, CultureInfo.InvariantCulture, out value)
            && value is > 0 and <= MeshFileLimits.GenerationMax;
        error = isRead
            ? null
            : $"'{MeshDocuments.Printable(text.Value)}' is no number from 1 to {MeshFileLimits.GenerationMax}: "
                + "count up with each change";
        return isRead;
    }

    private static bool ReadPeerId(Located<string> text, out ByteString value, out string? error)
    {
        bool isRead = PeerId.TryParse(text.Value, out PeerId? peer);
        value = isRead ? ByteString.CopyFrom(peer!.Bytes.Span) : ByteString.Empty;
        error = isRead
            ? null
            : "this is no peer id: take what 'edgemesh-dataplane identity' prints on that node (12D3KooW...)";
        return isRead;
    }

    private static bool ReadBoolean(Located<string> text, out bool value, out string? error)
    {
        value = text.Value == "true";
        error = text.Value is "true" or "false"
            ? null
            : $"'{MeshDocuments.Printable(text.Value)}' is neither true nor false";
        return error is null;
    }

    private static bool ReadPrefix(Located<string> text, out IpPrefix value, out string? error)
    {
        bool isRead = IpPrefixes.TryParse(MeshDocuments.Printable(text.Value), out IpPrefix? prefix, out error);
        value = prefix!;
        return isRead;
    }

    private void Fail(FilePosition at, string message) => _errors.Add(new MeshFileError(at, message));

    private void FailAndSkip(FilePosition at, string message)
    {
        Fail(at, message);
        _yaml.Skip();
    }
}

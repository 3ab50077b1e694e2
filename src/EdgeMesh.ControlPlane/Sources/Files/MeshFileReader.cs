using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using EdgeMesh.Addresses;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
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

    private readonly YamlCursor _yaml;
    private readonly List<MeshFileError> _errors;
    private readonly YamlFields _fields;
    private readonly MeshFileReading _mesh = new();

    private MeshFileReader(YamlCursor yaml, List<MeshFileError> errors)
    {
        _yaml = yaml;
        _errors = errors;
        _fields = new YamlFields(yaml, errors);
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
        HashSet<string> seen = _fields.ReadMapping("the file", RootKeys, ReadRootValue);
        if (_errors.Count == 0)
        {
            foreach (string key in (string[])["apiVersion", "kind", "nodes"])
            {
                if (!seen.Contains(key))
                {
                    _fields.Fail(start, $"'{key}' is missing: add '{key}: {ValueOf(key)}'");
                }
            }
        }

        if (!_fields.IsFull && _yaml.TryTake<DocumentEnd>() && !_yaml.IsAt<StreamEnd>())
        {
            _fields.Fail(_yaml.Position, "a second document begins here: one file holds one mesh");
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
                _fields.ReadConstant(key.Value, ApiVersion);
                break;
            case "kind":
                _fields.ReadConstant(key.Value, Kind);
                break;
            case "generation":
                ReadGeneration(key.Value);
                break;
            case "cloudCIDR":
                _fields.ReadList<IpPrefix>(
                    key.Value, Into(_mesh.Document.CloudCidr, _mesh.CloudCidr), YamlFields.ReadPrefix);
                break;
            case "edgeCIDR":
                _fields.ReadList<IpPrefix>(
                    key.Value, Into(_mesh.Document.EdgeCidr, _mesh.EdgeCidr), YamlFields.ReadPrefix);
                break;
            default:
                _mesh.Nodes = key.Position;
                ReadNodes();
                break;
        }
    }

    private void ReadGeneration(string key)
    {
        if (_fields.ReadOne<ulong>(key, ReadNumber) is { } generation)
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
            _fields.FailAndSkip(
                at, $"'nodes' is a list, here is {_yaml.Describe()}: begin each node with '- name: ...'");
            return;
        }

        while (!_yaml.TryTake<SequenceEnd>() && !_fields.IsFull)
        {
            var node = new MeshNode();
            var places = new MeshFileNode(_yaml.Position);
            int errorsBefore = _errors.Count;
            HashSet<string> seen = _fields.ReadMapping("a node", NodeKeys, key => ReadNodeValue(node, places, key));
            foreach (string key in (string[])["name", "peerId"])
            {
                if (_errors.Count == errorsBefore && !seen.Contains(key))
                {
                    string name = node.Name.Length == 0 ? "this node" : $"node '{MeshDocuments.Printable(node.Name)}'";
                    _fields.Fail(places.Start, $"{name} has no '{key}': add it");
                }
            }

            if (_mesh.NodePlaces.Count == ControlLimits.NodesMax)
            {
                _fields.Fail(places.Start, $"more than {ControlLimits.NodesMax} nodes: that is the limit");
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
            case "name" when _fields.ReadOne<string>(key.Value, YamlFields.ReadText) is { } name:
                (node.Name, places.Name) = (name.Value, name.Position);
                break;
            case "peerId" when _fields.ReadOne<ByteString>(key.Value, ReadPeerId) is { } peer:
                (node.PeerId, places.PeerId) = (peer.Value, peer.Position);
                break;
            case "relay" when _fields.ReadOne<bool>(key.Value, ReadBoolean) is { } relay:
                node.Relay = relay.Value;
                break;
            case "addresses":
                _fields.ReadList<string>(key.Value, Into(node.Addresses, places.Addresses), YamlFields.ReadText);
                break;
            case "prefixes":
                _fields.ReadList<IpPrefix>(key.Value, Into(node.Prefixes, places.Prefixes), YamlFields.ReadPrefix);
                break;
            default:
                break; // told by ReadOne
        }
    }

    private static Action<Located<T>> Into<T>(RepeatedField<T> list, List<FilePosition> places) => value =>
    {
        list.Add(value.Value);
        places.Add(value.Position);
    };

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
}

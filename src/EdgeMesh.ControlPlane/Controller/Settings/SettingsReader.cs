using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using EdgeMesh.Cluster;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.ControlPlane.Controller.Composition;
using EdgeMesh.ControlPlane.DesiredState;
using EdgeMesh.ControlPlane.Sources.Files;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace EdgeMesh.ControlPlane.Controller.Settings;

/// <summary>Reads the controller's settings, upstream's <c>edgemesh-agent.yaml</c> in the chart. One use per instance.
/// </summary>
/// <remarks>
/// <code>
/// apiVersion: edgemesh.io/v1alpha1
/// kind: MeshSettings
/// cloudCIDR: [10.244.1.0/24]
/// edgeCIDR: [10.244.5.0/24, 10.244.6.0/24]
/// relayNodes:
/// - nodeName: k8s-master
///   advertiseAddress: [1.1.1.1]
/// listenPort: 20006
/// trust: pin                     # or approve
/// clusterId: ""
/// </code>
/// </remarks>
internal sealed class SettingsReader
{
    private const string ApiVersion = "edgemesh.io/v1alpha1";
    private const string Kind = "MeshSettings";

    private static readonly string[] Keys =
        ["apiVersion", "kind", "cloudCIDR", "edgeCIDR", "relayNodes", "listenPort", "trust", "clusterId"];

    private static readonly string[] RelayKeys = ["nodeName", "advertiseAddress"];

    private readonly YamlCursor _yaml;
    private readonly List<MeshFileError> _errors;
    private readonly List<MeshFileError> _warnings;
    private readonly YamlFields _fields;
    private readonly SettingsReading _reading = new();

    private SettingsReader(YamlCursor yaml, List<MeshFileError> errors, List<MeshFileError> warnings)
    {
        _yaml = yaml;
        _errors = errors;
        _warnings = warnings;
        _fields = new YamlFields(yaml, errors);
    }

    /// <summary>Reads the file's bytes and judges what they say.</summary>
    /// <param name="bytes">The file, UTF-8.</param>
    /// <returns>The settings, or what is wrong.</returns>
    internal static SettingsResult Read(ReadOnlySpan<byte> bytes)
    {
        var errors = new List<MeshFileError>();
        var warnings = new List<MeshFileError>();
        ControllerSettings? settings = null;
        if (FileText.Decode(bytes, SettingsLimits.FileBytesMax, "settings", errors) is { } text)
        {
            try
            {
                using var reader = new StringReader(text);
                settings = new SettingsReader(new YamlCursor(reader), errors, warnings).ReadStream();
            }
            catch (YamlException e)
            {
                errors.Add(new MeshFileError(YamlCursor.At(e.Start), $"this is no YAML: {e.Message}"));
            }
        }

        errors.Sort(static (a, b) =>
            (a.Position.Line, a.Position.Column).CompareTo((b.Position.Line, b.Position.Column)));
        return new SettingsResult(errors.Count == 0 ? settings : null, errors, warnings);
    }

    private ControllerSettings ReadStream()
    {
        _yaml.TryTake<StreamStart>();
        if (!_yaml.TryTake<DocumentStart>())
        {
            _fields.Fail(new FilePosition(1, 1), $"the file is empty: begin with 'apiVersion: {ApiVersion}'");
            return new ControllerSettings();
        }

        FilePosition start = _yaml.Position;
        HashSet<string> seen = _fields.ReadMapping("the file", Keys, ReadValue);
        foreach ((string key, string value) in ((string, string)[])[("apiVersion", ApiVersion), ("kind", Kind)])
        {
            if (_errors.Count == 0 && !seen.Contains(key))
            {
                _fields.Fail(start, $"'{key}' is missing: add '{key}: {value}'");
            }
        }

        if (!_fields.IsFull && _yaml.TryTake<DocumentEnd>() && !_yaml.IsAt<StreamEnd>())
        {
            _fields.Fail(_yaml.Position, "a second document begins here: one file holds one set of settings");
        }

        _errors.AddRange(_errors.Count == 0 ? _reading.JudgeEntries() : []);
        return new ControllerSettings
        {
            CloudCidr = InOrder(_reading.CloudCidr),
            EdgeCidr = InOrder(_reading.EdgeCidr),
            Relays = ReadAddresses(),
            Trust = _reading.Trust,
            ClusterId = _reading.ClusterId,
        };
    }

    private void ReadValue(Located<string> key)
    {
        switch (key.Value)
        {
            case "apiVersion":
                _fields.ReadConstant(key.Value, ApiVersion);
                break;
            case "kind":
                _fields.ReadConstant(key.Value, Kind);
                break;
            case "cloudCIDR":
                _fields.ReadList<IpPrefix>(
                    key.Value, entry => Add(key.Value, _reading.CloudCidr, entry), YamlFields.ReadPrefix);
                break;
            case "edgeCIDR":
                _fields.ReadList<IpPrefix>(
                    key.Value, entry => Add(key.Value, _reading.EdgeCidr, entry), YamlFields.ReadPrefix);
                break;
            case "relayNodes":
                ReadRelays();
                break;
            case "listenPort" when _fields.ReadOne<int>(key.Value, ReadPort) is { } port:
                _reading.ListenPort = port.Value;
                break;
            case "trust" when _fields.ReadOne<TrustMode>(key.Value, ReadTrust) is { } trust:
                _reading.Trust = trust.Value;
                break;
            case "clusterId" when _fields.ReadOne<string>(key.Value, ReadClusterId) is { } cluster:
                _reading.ClusterId = cluster.Value;
                break;
            default:
                break; // told by ReadOne
        }
    }

    // The user's guide of upstream repeats an entry in its own command: that is odd, and clear what it means.
    private void Add(string key, List<Located<IpPrefix>> list, Located<IpPrefix> entry)
    {
        if (list.FindIndex(one => one.Value.Equals(entry.Value)) is >= 0 and int index)
        {
            _warnings.Add(new MeshFileError(entry.Position,
                $"{key} has {IpPrefixes.Format(entry.Value)} already, in line {list[index].Position.Line}: one is "
                + "enough"));
            return;
        }

        list.Add(entry);
    }

    private void ReadRelays()
    {
        FilePosition at = _yaml.Position;
        if (_yaml.TryTakeScalar(out Located<string> scalar, out bool isPlain))
        {
            if (!isPlain || scalar.Value is not ("" or "~" or "null"))
            {
                _fields.Fail(at, "'relayNodes' is a list: begin each node with '- nodeName: ...'");
            }

            return;
        }

        if (!_yaml.TryTake<SequenceStart>())
        {
            _fields.FailAndSkip(
                at, $"'relayNodes' is a list, here is {_yaml.Describe()}: begin each node with '- nodeName: ...'");
            return;
        }

        while (!_yaml.TryTake<SequenceEnd>() && !_fields.IsFull)
        {
            ReadRelay();
        }
    }

    private void ReadRelay()
    {
        FilePosition at = _yaml.Position;
        Located<string>? name = null;
        var addresses = new List<Located<string>>();
        int errorsBefore = _errors.Count;
        _fields.ReadMapping("a relay node", RelayKeys, key =>
        {
            if (key.Value == "nodeName")
            {
                name = _fields.ReadOne<string>(key.Value, ReadNodeName);
            }
            else
            {
                _fields.ReadList<string>(key.Value, addresses.Add, YamlFields.ReadText);
            }
        });
        if (_errors.Count > errorsBefore)
        {
            return;
        }

        if (name is null)
        {
            _fields.Fail(at, "this relay node has no 'nodeName': add the node's name, as 'kubectl get nodes' has it");
        }
        else if (_reading.Relays.Exists(relay => relay.Node.Value == name.Value.Value))
        {
            _fields.Fail(
                name.Value.Position,
                $"'{name.Value.Value}' is a relay node already: write its addresses in one list");
        }
        else if (_reading.Relays.Count == SettingsLimits.RelaysMax)
        {
            _fields.Fail(at, $"more than {SettingsLimits.RelaysMax} relay nodes: that is the limit");
        }
        else
        {
            _reading.Relays.Add((name.Value, addresses));
        }
    }

    // Last, as the port may stand after them.
    private List<RelayNode> ReadAddresses()
    {
        var relays = new List<RelayNode>();
        foreach ((Located<string> node, List<Located<string>> written) in _reading.Relays)
        {
            var addresses = new List<string>();
            foreach (Located<string> address in written)
            {
                if (AdvertisedAddress.TryParse(
                    address.Value, _reading.ListenPort, out string? multiaddr, out string? error))
                {
                    addresses.Add(multiaddr);
                }
                else if (!_fields.IsFull)
                {
                    _fields.Fail(address.Position, $"advertiseAddress: {error}");
                }
            }

            if (addresses.Count == 0 && _errors.Count == 0)
            {
                _warnings.Add(new MeshFileError(node.Position,
                    $"relay node '{node.Value}' has no advertiseAddress: others dial it only where it says itself"));
            }

            relays.Add(new RelayNode(node.Value, [.. addresses.Distinct(StringComparer.Ordinal)]));
        }

        return relays;
    }

    private static List<IpPrefix> InOrder(List<Located<IpPrefix>> entries)
    {
        List<IpPrefix> prefixes = [.. entries.Select(static entry => entry.Value)];
        prefixes.Sort(IpPrefixes.Compare);
        return prefixes;
    }

    private static bool ReadNodeName(Located<string> text, out string value, out string? error)
    {
        value = text.Value;
        error = MeshDocuments.IsNodeName(value)
            ? null
            : $"'{MeshDocuments.Printable(value)}' is no node name: take it from 'kubectl get nodes'";
        return error is null;
    }

    private static bool ReadPort(Located<string> text, out int value, out string? error)
    {
        bool isPort = int.TryParse(text.Value, NumberStyles.None, CultureInfo.InvariantCulture, out value)
            && value is > 0 and <= 65535;
        error = isPort ? null : $"'{MeshDocuments.Printable(text.Value)}' is no port: write a number from 1 to 65535";
        return isPort;
    }

    private static bool ReadTrust(Located<string> text, out TrustMode value, out string? error)
    {
        value = text.Value == "approve" ? TrustMode.Approve : TrustMode.Pin;
        error = text.Value is "pin" or "approve"
            ? null
            : $"'{MeshDocuments.Printable(text.Value)}' is neither pin (a node's first key is trusted) nor approve "
                + "(the operator says so)";
        return error is null;
    }

    private static bool ReadClusterId(Located<string> text, out string value, out string? error)
    {
        value = text.Value;
        error = value.Length == 0 || ClusterNames.IsClusterId(value)
            ? null
            : $"'{MeshDocuments.Printable(value)}' is no name of a cluster: letters, digits and signs without blanks";
        return error is null;
    }
}

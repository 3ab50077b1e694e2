using System.Collections.Generic;
using System.Linq;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.ControlPlane.Controller.Composition;
using EdgeMesh.ControlPlane.DesiredState;
using EdgeMesh.ControlPlane.Sources.Files;

namespace EdgeMesh.ControlPlane.Controller.Settings;

/// <summary>The settings file as it was read, and where in it each part stands.</summary>
internal sealed class SettingsReading
{
    /// <summary>Entries of cloudCIDR, each once, in the file's order.</summary>
    internal List<Located<IpPrefix>> CloudCidr { get; } = [];

    /// <summary>Entries of edgeCIDR, likewise.</summary>
    internal List<Located<IpPrefix>> EdgeCidr { get; } = [];

    /// <summary>Relay nodes: name, and addresses as they are written.</summary>
    internal List<(Located<string> Node, List<Located<string>> Addresses)> Relays { get; } = [];

    /// <summary>Port of the data planes.</summary>
    internal int ListenPort { get; set; } = SettingsLimits.ListenPortDefault;

    /// <summary>What becomes of first keys.</summary>
    internal TrustMode Trust { get; set; }

    /// <summary>The cluster's name; empty: not set.</summary>
    internal string ClusterId { get; set; } = "";

    /// <summary>Judges the entries by the rules of every mesh document.</summary>
    /// <returns>What is wrong, at its place.</returns>
    internal IEnumerable<MeshFileError> JudgeEntries()
    {
        var mesh = new MeshDocument();
        mesh.CloudCidr.AddRange(CloudCidr.Select(static entry => entry.Value));
        mesh.EdgeCidr.AddRange(EdgeCidr.Select(static entry => entry.Value));
        return MeshRules.JudgeAll(mesh).Take(MeshFileLimits.ErrorsMax).Select(finding => new MeshFileError(
            PlaceOf(finding.Subject),
            finding.ToText(finding.Other is { } other ? $"in line {PlaceOf(other).Line}" : null)));
    }

    private FilePosition PlaceOf(MeshSubject subject) => subject.Field switch
    {
        MeshField.CloudCidr => CloudCidr[subject.Entry].Position,
        MeshField.EdgeCidr => EdgeCidr[subject.Entry].Position,
        _ => new FilePosition(1, 1),
    };
}

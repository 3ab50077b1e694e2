using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.ControlPlane.DesiredState;

namespace EdgeMesh.ControlPlane.Sources.Files;

/// <summary>mesh.yaml as a document, in the file's order, and where in the file each part of it stands.</summary>
internal sealed class MeshFileReading
{
    /// <summary>What the file says; no rule has judged it.</summary>
    internal MeshDocument Document { get; } = new();

    internal FilePosition Generation { get; set; } = new(1, 1);

    internal FilePosition Nodes { get; set; } = new(1, 1);

    internal List<FilePosition> CloudCidr { get; } = [];

    internal List<FilePosition> EdgeCidr { get; } = [];

    /// <summary>As many as the document has nodes.</summary>
    internal List<MeshFileNode> NodePlaces { get; } = [];

    /// <summary>Puts findings at their places in the file.</summary>
    /// <param name="findings">What is wrong with <see cref="Document"/>.</param>
    /// <returns>In the order of the file.</returns>
    internal IReadOnlyList<MeshFileError> Locate(IEnumerable<MeshFinding> findings) =>
    [
        .. findings
            .Select(finding => new MeshFileError(
                PlaceOf(finding.Subject),
                finding.ToText(finding.Other is MeshSubject other ? $"in line {PlaceOf(other).Line}" : null)))
            .OrderBy(error => (error.Position.Line, error.Position.Column)),
    ];

    private FilePosition PlaceOf(MeshSubject subject) => subject.Field switch
    {
        MeshField.Generation => Generation,
        MeshField.CloudCidr => CloudCidr[subject.Entry],
        MeshField.EdgeCidr => EdgeCidr[subject.Entry],
        MeshField.Nodes => Nodes,
        MeshField.NodeName => NodePlaces[subject.Node].Name,
        MeshField.NodePeerId => NodePlaces[subject.Node].PeerId,
        MeshField.NodeAddress => NodePlaces[subject.Node].Addresses[subject.Entry],
        MeshField.NodePrefix => NodePlaces[subject.Node].Prefixes[subject.Entry],
        _ => throw new ArgumentOutOfRangeException(nameof(subject), subject, "a field that no file has"),
    };
}

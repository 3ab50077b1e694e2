using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.ControlPlane.DesiredState;
using EdgeMesh.Logging;

namespace EdgeMesh.ControlPlane.Sources.Files;

/// <summary>
/// Gives the desired state from mesh.yaml, at start and at each change. A bad file changes nothing but the log.
/// </summary>
internal sealed class MeshFileSource : MeshSource
{
    private readonly string _path;
    private readonly FollowedFile _file;
    private readonly MeshIntake _intake;
    private readonly StructuredLog _log;
    private readonly Action _pulse;

    /// <summary>Makes the source; touches nothing.</summary>
    /// <param name="path">mesh.yaml.</param>
    /// <param name="intake">Takes each document that can be read.</param>
    /// <param name="log">The log.</param>
    /// <param name="pulse">Called each time around; null: nobody asks.</param>
    internal MeshFileSource(string path, MeshIntake intake, StructuredLog log, Action? pulse = null)
    {
        _path = path;
        _file = new FollowedFile(path, "--mesh", "mesh_file", MeshFileLimits.FileBytesMax, log);
        _intake = intake;
        _log = log;
        _pulse = pulse ?? (static () => { });
    }

    /// <inheritdoc/>
    internal override Task RunAsync(CancellationToken stop) => _file.RunAsync(Take, _pulse, stop);

    private void Take(byte[] bytes)
    {
        MeshFileResult result = MeshFileParser.Parse(bytes);
        IReadOnlyList<MeshFileError> errors = result.Reading is null
            ? result.Errors
            : result.Reading.Locate(_intake.Offer(result.Reading.Document));
        if (errors.Count == 0)
        {
            return;
        }

        foreach (MeshFileError error in errors)
        {
            _log.Error("mesh_file_refused", ("problem", error.Format(_path)));
        }

        _log.Error("mesh_file_not_taken", ("path", _path), ("errors", errors.Count),
            ("effect", "what was in force stays"));
    }
}

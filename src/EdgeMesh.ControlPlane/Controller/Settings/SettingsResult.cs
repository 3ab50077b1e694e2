using System.Collections.Generic;
using EdgeMesh.ControlPlane.Controller.Composition;
using EdgeMesh.ControlPlane.Sources.Files;

namespace EdgeMesh.ControlPlane.Controller.Settings;

/// <summary>What reading the settings file gave.</summary>
/// <param name="Settings">The settings; null if anything is wrong.</param>
/// <param name="Errors">What is wrong, in the order of the file.</param>
/// <param name="Warnings">What is odd and taken all the same.</param>
internal sealed record SettingsResult(
    ControllerSettings? Settings, IReadOnlyList<MeshFileError> Errors, IReadOnlyList<MeshFileError> Warnings);

using System;
using EdgeMesh.ControlPlane.Controller.Composition;
using EdgeMesh.ControlPlane.Controller.Settings;
using EdgeMesh.ControlPlane.DesiredState;

namespace EdgeMesh.FuzzTargets;

/// <summary>The controller's settings file.</summary>
public static class MeshSettingsTarget
{
    /// <summary>Reads a file.</summary>
    /// <param name="bytes">Its bytes.</param>
    public static void Run(ReadOnlySpan<byte> bytes)
    {
        SettingsResult result = SettingsReader.Read(bytes);
        Invariant.Holds(result.Settings is null == (result.Errors.Count > 0), "a file is either read or faulty");
        if (result.Settings is not { } settings)
        {
            return;
        }

        var composer = new MeshComposer();
        composer.SetSettings(settings);
        composer.SetNode("a", []);
        ComposedMesh composed = composer.Compose();
        Invariant.Holds(
            composed.Document is not null && MeshRules.JudgeAll(composed.Document).Count == 0,
            "settings that were taken break a rule");
    }
}

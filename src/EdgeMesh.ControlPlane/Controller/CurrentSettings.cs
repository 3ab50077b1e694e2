using System.Threading;
using EdgeMesh.ControlPlane.Controller.Composition;
using EdgeMesh.ControlPlane.Controller.Settings;
using EdgeMesh.ControlPlane.Sources.Files;
using EdgeMesh.Logging;

namespace EdgeMesh.ControlPlane.Controller;

/// <summary>The settings in force: the last good ones. Safe from every thread.</summary>
/// <param name="path">The file, for messages.</param>
/// <param name="changed">Set when there are others.</param>
/// <param name="log">The log.</param>
internal sealed class CurrentSettings(string path, ChangeSignal changed, StructuredLog log)
{
    private ControllerSettings? _value;

    /// <summary>The settings; null: there have been no good ones yet.</summary>
    internal ControllerSettings? Value => Volatile.Read(ref _value);

    /// <summary>Set when there are others.</summary>
    internal ChangeSignal Changed { get; } = changed;

    /// <summary>Takes the file's content, or says what is wrong with it.</summary>
    internal void Take(byte[] bytes)
    {
        SettingsResult result = SettingsReader.Read(bytes);
        foreach (MeshFileError warning in result.Warnings)
        {
            log.Warn("settings_odd", ("problem", warning.Format(path)));
        }

        foreach (MeshFileError error in result.Errors)
        {
            log.Error("settings_refused", ("problem", error.Format(path)));
        }

        if (result.Settings is not { } settings)
        {
            log.Error("settings_not_taken", ("path", path), ("errors", result.Errors.Count),
                ("effect", Value is null ? "nothing is published" : "the settings before stay in force"));
            return;
        }

        Volatile.Write(ref _value, settings);
        log.Info("settings_taken", ("cloud_cidr", settings.CloudCidr.Count), ("edge_cidr", settings.EdgeCidr.Count),
            ("relays", settings.Relays.Count), ("trust", settings.Trust));
        Changed.Set();
    }
}

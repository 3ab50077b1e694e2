namespace EdgeMesh.ControlPlane.Controller.Settings;

/// <summary>Limits of the controller's settings file.</summary>
internal static class SettingsLimits
{
    /// <summary>Longest file, bytes: what fits into a ConfigMap.</summary>
    internal const int FileBytesMax = 1024 * 1024;

    /// <summary>Most relay nodes.</summary>
    internal const int RelaysMax = 1024;

    /// <summary>Port of the data planes unless the file says otherwise: upstream's.</summary>
    internal const int ListenPortDefault = 20006;
}

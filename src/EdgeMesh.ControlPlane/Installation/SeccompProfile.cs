using System;
using System.IO;
using System.Text.Json;
using EdgeMesh.Logging;

namespace EdgeMesh.ControlPlane.Installation;

/// <summary>
/// The data plane's seccomp profile where the kubelet looks for it: <c>edgemesh/dataplane.json</c> under its directory
/// of profiles. An init container puts it there, before the container that needs it is made.
/// </summary>
internal static class SeccompProfile
{
    /// <summary>The profile's name for the kubelet, as in a container's <c>localhostProfile</c>.</summary>
    internal const string Name = "edgemesh/dataplane.json";

    private const int BytesMax = 1 << 20; // a ConfigMap, which it comes in, holds no more

    private const UnixFileMode DirectoryMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite
        | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Puts a profile in its place, whole or not at all; one that is there already is not touched.</summary>
    /// <param name="source">The profile.</param>
    /// <param name="directory">The kubelet's directory of profiles.</param>
    /// <param name="log">Gets what was done.</param>
    /// <returns>True if the file is new or has changed.</returns>
    /// <exception cref="InvalidDataException">The source is no profile: with it, no container would start.</exception>
    /// <exception cref="IOException">It can't be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read or written.</exception>
    internal static bool Install(string source, string directory, StructuredLog log)
    {
        byte[] profile = Read(source);
        string target = Path.Combine(directory, Name);
        if (File.Exists(target) && File.ReadAllBytes(target).AsSpan().SequenceEqual(profile))
        {
            log.Info("seccomp_profile_present", ("file", target));
            return false;
        }

        string fresh = target + ".new";
        Directory.CreateDirectory(Path.GetDirectoryName(target)!, DirectoryMode);
        // A stale one may be unwritable or a link to elsewhere: never write through it.
        File.Delete(fresh);
        File.WriteAllBytes(fresh, profile);
        File.SetUnixFileMode(fresh, FileMode);
        File.Move(fresh, target, overwrite: true);
        log.Info("seccomp_profile_installed", ("file", target), ("bytes", profile.Length));
        return true;
    }

    private static byte[] Read(string source)
    {
        long length = new FileInfo(source).Length;
        if (length > BytesMax)
        {
            throw new InvalidDataException($"{source}: {length} bytes are too many for a seccomp profile");
        }

        byte[] bytes = File.ReadAllBytes(source);
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            if (document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("defaultAction", out JsonElement action)
                && action.ValueKind == JsonValueKind.String)
            {
                return bytes;
            }
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{source} is no seccomp profile: {e.Message}", e);
        }

        throw new InvalidDataException($"{source} is no seccomp profile: it has no defaultAction");
    }
}

using System;
using System.IO;

namespace EdgeMesh.ControlPlane.Kernel;

/// <summary>Reads and sets network settings of this network namespace.</summary>
/// <param name="root">
/// Where the kernel shows them, usually <see cref="RootDefault"/>; a container may have it read-only there, and the
/// host's <c>net</c> at another place.
/// </param>
internal sealed class Sysctl(string root)
{
    /// <summary>Where settings are on a host.</summary>
    internal const string RootDefault = "/proc/sys";

    private readonly string _net = root.TrimEnd('/') + "/net/";

    /// <summary>Reads a setting.</summary>
    /// <param name="key">As under /proc/sys/net, with slashes: names of links may hold dots.</param>
    /// <returns>The value, or null if this kernel has no such setting.</returns>
    internal string? Read(string key)
    {
        try
        {
            return File.ReadAllText(_net + key).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Makes a setting, if the kernel has it.</summary>
    /// <returns>True if it had another value.</returns>
    /// <exception cref="KernelStateException">The system doesn't let us.</exception>
    internal bool Set(string key, string value)
    {
        string? before = Read(key);
        if (before is null || before == value)
        {
            return false;
        }

        try
        {
            File.WriteAllText(_net + key, value);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KernelStateException(
                $"net/{key} is {before} and can't be set to {value}: run privileged, or set it by 'sysctl -w "
                    + $"net/{key}={value}'", e);
        }
    }
}

using System;
using System.IO;

namespace EdgeMesh.ControlPlane.Kernel;

/// <summary>Reads and sets network settings of this network namespace under /proc/sys/net.</summary>
internal static class Sysctl
{
    private const string Root = "/proc/sys/net/";

    /// <summary>Reads a setting.</summary>
    /// <param name="key">As under /proc/sys/net, with slashes: names of links may hold dots.</param>
    /// <returns>The value, or null if this kernel has no such setting.</returns>
    internal static string? Read(string key)
    {
        try
        {
            return File.ReadAllText(Root + key).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Makes a setting, if the kernel has it.</summary>
    /// <returns>True if it had another value.</returns>
    /// <exception cref="KernelStateException">The system doesn't let us.</exception>
    internal static bool Set(string key, string value)
    {
        string? before = Read(key);
        if (before is null || before == value)
        {
            return false;
        }

        try
        {
            File.WriteAllText(Root + key, value);
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

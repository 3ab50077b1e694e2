using System;

namespace EdgeMesh.Native;

/// <summary>A system call failed; the message names cause and remedy.</summary>
public sealed class NativeException : Exception
{
    /// <summary>Makes one.</summary>
    /// <param name="message">Cause and remedy.</param>
    /// <param name="errno">The kernel's error number.</param>
    public NativeException(string message, int errno)
        : base($"{message} ({Native.Errno.Describe(errno)})")
    {
        Errno = errno;
    }

    /// <summary>The kernel's error number.</summary>
    public int Errno { get; }
}

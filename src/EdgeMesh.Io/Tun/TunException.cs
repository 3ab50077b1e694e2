using System;

namespace EdgeMesh.Io.Tun;

/// <summary>The TUN device can't be opened, or went away; the message says why and what to do.</summary>
public sealed class TunException : Exception
{
    /// <summary>Names the cause and the remedy.</summary>
    public TunException(string message, int errno)
        : base(message) => Errno = errno;

    /// <summary>The kernel's error number, 0 if none.</summary>
    public int Errno { get; }
}

using System;

namespace EdgeMesh.Io;

/// <summary>io_uring was asked for by name and the kernel refused it; the message says why and what to do.</summary>
public sealed class RingUnavailableException : Exception
{
    /// <summary>Names the cause and the remedy.</summary>
    public RingUnavailableException(string message, int errno)
        : base(message) => Errno = errno;

    /// <summary>The kernel's error number.</summary>
    public int Errno { get; }
}

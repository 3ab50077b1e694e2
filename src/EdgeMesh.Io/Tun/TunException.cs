using System.IO;

namespace EdgeMesh.Io.Tun;

/// <summary>A TUN device can't be had, or went away; the message names cause and remedy.</summary>
public sealed class TunException : IOException
{
    /// <summary>Names cause and remedy.</summary>
    /// <param name="message">The sentence.</param>
    /// <param name="errno">The kernel's error number; 0 if it was not asked.</param>
    public TunException(string message, int errno = 0)
        : base(message) => Errno = errno;

    /// <summary>The kernel's error number; 0 if it was not asked.</summary>
    public int Errno { get; }
}

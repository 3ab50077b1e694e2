using System;

namespace EdgeMesh.Traffic;

/// <summary>How a TCP transfer went.</summary>
/// <param name="Bytes">Bytes sent.</param>
/// <param name="Duration">From the first byte to the receiver's checksum.</param>
/// <param name="Sha256">Checksum of what was sent, hexadecimal.</param>
/// <param name="IsIntact">Whether the receiver's checksum is the same.</param>
public sealed record TransferResult(long Bytes, TimeSpan Duration, string Sha256, bool IsIntact)
{
    /// <summary>Rate of the payload, Gbit/s.</summary>
    public double GigabitsPerSecond => Bytes * 8 / Duration.TotalSeconds / 1e9;
}

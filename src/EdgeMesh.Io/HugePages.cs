using System.Diagnostics.CodeAnalysis;
using EdgeMesh.Native;

namespace EdgeMesh.Io;

/// <summary>Huge pages for memory that the kernel reads and writes.</summary>
public static class HugePages
{
    /// <summary>Asks the kernel to back pinned memory with huge pages as it is touched.</summary>
    /// <param name="pinned">Pinned memory, some MiB.</param>
    /// <param name="cause">Why the kernel refused; null if it did not.</param>
    /// <returns>False if it refused: nothing is lost but the pages.</returns>
    public static bool TryAdvise(byte[] pinned, [NotNullWhen(false)] out string? cause)
    {
        int result = PinnedMemory.AdviseHugePages(pinned);
        cause = result < 0 ? Errno.Describe(-result) : null;
        return result >= 0;
    }
}

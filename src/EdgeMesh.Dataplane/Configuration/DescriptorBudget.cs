using System;
using System.Globalization;
using System.IO;

namespace EdgeMesh.Dataplane.Configuration;

/// <summary>How many descriptors strangers and dials may hold, of what the process may have.</summary>
/// <param name="DialAttemptsMax">Addresses that are dialed at once, over all peers.</param>
/// <param name="HandshakesMax">Accepted connections whose handshake may be under way at once.</param>
internal sealed record DescriptorBudget(int DialAttemptsMax, int HandshakesMax)
{
    /// <summary>Addresses that are dialed at once where there are descriptors enough.</summary>
    public const int DialAttemptsUpperMax = 64;

    /// <summary>Handshakes at once where there are descriptors enough. Each holds some kilobytes.</summary>
    public const int HandshakesUpperMax = 256;

    private const string LimitsFile = "/proc/self/limits";
    private const string OpenFiles = "Max open files";
    private const int LimitDefault = 1024; // the kernel's own (INR_OPEN_CUR)

    /// <summary>The budget of this process.</summary>
    public static DescriptorBudget OfProcess() => Of(ReadLimit(File.ReadAllText(LimitsFile)));

    /// <summary>An eighth for dials and a quarter for handshakes: peers, devices and sockets of ours need the rest.
    /// </summary>
    /// <param name="limit">Descriptors that the process may have.</param>
    public static DescriptorBudget Of(int limit) => new(
        Math.Clamp(limit / 8, 1, DialAttemptsUpperMax), Math.Clamp(limit / 4, 1, HandshakesUpperMax));

    /// <summary>The soft limit of open files in the text of <c>/proc/self/limits</c> (proc(5)).</summary>
    public static int ReadLimit(string limits)
    {
        foreach (string line in limits.Split('\n'))
        {
            if (line.StartsWith(OpenFiles, StringComparison.Ordinal))
            {
                string soft = line[OpenFiles.Length..].TrimStart().Split(' ')[0];
                return int.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out int limit)
                    ? limit
                    : int.MaxValue; // "unlimited"
            }
        }

        return LimitDefault;
    }
}

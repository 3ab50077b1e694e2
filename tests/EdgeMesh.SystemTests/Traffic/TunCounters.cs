using System;
using System.Globalization;
using EdgeMesh.Lab.Networks;

namespace EdgeMesh.SystemTests.Traffic;

/// <summary>The kernel's counters of <c>edge_tun0</c>.</summary>
internal static class TunCounters
{
    /// <summary>Packets of both directions.</summary>
    public static long PacketsOf(LabNamespace node)
    {
        foreach (string line in node.ReadFile("/proc/net/dev").Split('\n'))
        {
            string[] fields = line.Split((char[])[' ', ':'], StringSplitOptions.RemoveEmptyEntries);
            if (fields is ["edge_tun0", ..])
            {
                // Receive: bytes packets errs drop fifo frame compressed multicast; then transmit, the same way.
                return long.Parse(fields[2], CultureInfo.InvariantCulture) +
                    long.Parse(fields[10], CultureInfo.InvariantCulture);
            }
        }

        throw new InvalidOperationException("no edge_tun0");
    }
}

using System;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace EdgeMesh.Perf.Commands;

/// <summary>The processors this program may use. Threads that exist keep theirs; those made later take these.</summary>
public static class CpuAffinity
{
    private const int ProcessorsMax = 64; // bits of the mask that .NET takes

    /// <summary>Chooses them.</summary>
    /// <param name="list"><c>0</c>, <c>0-1</c>, <c>0,2</c>; empty: all.</param>
    /// <exception cref="PerfException">The list can't be read, or the machine has no such processor.</exception>
    public static void Apply(string list)
    {
        ArgumentNullException.ThrowIfNull(list);
        if (list.Length == 0)
        {
            return;
        }

        long mask = Parse(list)
            ?? throw new PerfException(
                $"--cpu-affinity {list}: write processors from 0 to {ProcessorsMax - 1}: 0, 0-1, 0,2");
        try
        {
            using var process = Process.GetCurrentProcess();
            process.ProcessorAffinity = (nint)mask;
        }
        catch (Win32Exception e)
        {
            throw new PerfException(
                $"--cpu-affinity {list}: {e.Message}; the machine has {Environment.ProcessorCount} processors", e);
        }
    }

    /// <summary>The mask of a list, or null if it can't be read.</summary>
    public static long? Parse(string list)
    {
        ArgumentNullException.ThrowIfNull(list);
        ulong mask = 0;
        foreach (string part in list.Split(','))
        {
            string[] ends = part.Split('-');
            if (ends.Length > 2 || !TryNumber(ends[0], out int first) || !TryNumber(ends[^1], out int last)
                || first > last)
            {
                return null;
            }

            for (int i = first; i <= last; i++)
            {
                mask |= 1UL << i;
            }
        }

        return unchecked((long)mask);
    }

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < ProcessorsMax;
}

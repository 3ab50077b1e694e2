using System;

namespace EdgeMesh.Perf.Thresholds;

/// <summary>Units, and how they become each other.</summary>
internal readonly record struct UnitScale(string Dimension, double Factor)
{
    /// <summary>A share of the baseline's figure.</summary>
    public const string Ratio = "ratio";

    /// <summary>Finds a unit.</summary>
    /// <returns>False if there is no such unit.</returns>
    public static bool TryFind(ReadOnlySpan<char> unit, out UnitScale scale)
    {
        (scale, bool isFound) = unit switch
        {
            "ns" => (new UnitScale("time", 1e-9), true),
            "us" or "µs" => (new UnitScale("time", 1e-6), true),
            "ms" => (new UnitScale("time", 1e-3), true),
            "s" => (new UnitScale("time", 1), true),
            "bit/s" => (new UnitScale("bits", 1), true),
            "kbit/s" => (new UnitScale("bits", 1e3), true),
            "Mbit/s" => (new UnitScale("bits", 1e6), true),
            "Gbit/s" => (new UnitScale("bits", 1e9), true),
            "1/s" or "/s" or "pps" => (new UnitScale("frequency", 1), true),
            "k/s" or "kpps" => (new UnitScale("frequency", 1e3), true),
            "M/s" or "Mpps" => (new UnitScale("frequency", 1e6), true),
            "%" => (new UnitScale("share", 1), true),
            "B" => (new UnitScale("bytes", 1), true),
            "KiB" => (new UnitScale("bytes", 1024), true),
            "MiB" => (new UnitScale("bytes", 1024 * 1024), true),
            "s/Gbit" => (new UnitScale("cost", 1), true),
            "ns/op" => (new UnitScale("time", 1e-9), true),
            "B/op" => (new UnitScale("bytes", 1), true),
            "x" => (new UnitScale(Ratio, 1), true),
            _ => (default, false),
        };
        return isFound;
    }
}

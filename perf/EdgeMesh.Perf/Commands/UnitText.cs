using System;
using System.Buffers;
using System.Globalization;

namespace EdgeMesh.Perf.Commands;

/// <summary>Durations, sizes and rates as people write them.</summary>
public static class UnitText
{
    private const double BitsPerByte = 8;
    private static readonly SearchValues<char> NumberLetters = SearchValues.Create("0123456789.");

    /// <summary>Reads <c>10</c> (seconds), <c>500ms</c>, <c>10s</c>, <c>2m</c>.</summary>
    public static bool TryDuration(string text, out TimeSpan duration)
    {
        duration = default;
        if (!TrySplit(text, out double number, out string unit))
        {
            return false;
        }

        double seconds = unit switch
        {
            "ms" => number / 1000,
            "" or "s" => number,
            "m" or "min" => number * 60,
            "h" => number * 3600,
            _ => double.NaN,
        };
        if (!(seconds <= Measuring.MeasuringLimits.DurationMax.TotalSeconds))
        {
            return false;
        }

        duration = TimeSpan.FromSeconds(seconds);
        return true;
    }

    /// <summary>Reads <c>1400</c>, <c>64K</c> (of 1024), <c>1M</c>, <c>64KiB</c>.</summary>
    public static bool TrySize(string text, out int bytes)
    {
        bytes = 0;
        if (!TrySplit(text, out double number, out string unit))
        {
            return false;
        }

        double size = unit switch
        {
            "" or "B" => number,
            "K" or "k" or "KiB" => number * 1024,
            "M" or "MiB" => number * 1024 * 1024,
            _ => double.NaN,
        };
        if (!(size is >= 1 and <= int.MaxValue))
        {
            return false;
        }

        bytes = (int)size;
        return true;
    }

    /// <summary>
    /// Reads packets or transactions per second: <c>5000</c>, <c>20k</c>, <c>5000/s</c>, <c>1Mpps</c>; or payload:
    /// <c>100Mbit/s</c>, <c>2Gbit</c>.
    /// </summary>
    public static bool TryRate(string text, int messageBytes, out double perSecond)
    {
        perSecond = 0;
        if (!TrySplit(text, out double number, out string unit))
        {
            return false;
        }

        unit = unit.EndsWith("/s", StringComparison.Ordinal) ? unit[..^2] : unit;
        double perBit = 1 / (BitsPerByte * messageBytes);
        perSecond = unit switch
        {
            "" or "pps" => number,
            "k" or "kpps" => number * 1e3,
            "M" or "Mpps" => number * 1e6,
            "bit" => number * perBit,
            "kbit" => number * 1e3 * perBit,
            "Mbit" => number * 1e6 * perBit,
            "Gbit" => number * 1e9 * perBit,
            _ => double.NaN,
        };
        return perSecond <= Measuring.MeasuringLimits.RatePerSecondMax;
    }

    private static bool TrySplit(string text, out double number, out string unit)
    {
        ArgumentNullException.ThrowIfNull(text);
        int end = text.AsSpan().IndexOfAnyExcept(NumberLetters);
        string digits = end < 0 ? text : text[..end];
        unit = end < 0 ? "" : text[end..].Trim();
        return double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number)
            && double.IsFinite(number);
    }
}

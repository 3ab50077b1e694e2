using System;

namespace EdgeMesh.Cli;

/// <summary>
/// Numbers as people read them. Takes any number: the data plane's word is not trusted to be a sensible one.
/// </summary>
internal static class Quantity
{
    private const double SecondsPerMinute = 60;
    private const double SecondsPerHour = 3600;
    private const double SecondsPerDay = 86400;

    private static readonly string[] ByteUnits = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary><c>17 B</c>, <c>1.5 KiB</c>, <c>230 MiB</c>: three digits.</summary>
    public static string Bytes(ulong bytes)
    {
        if (bytes < 1024)
        {
            return $"{bytes} B";
        }

        double value = bytes;
        int unit = -1;
        do
        {
            value /= 1024;
            unit++;
        }
        while (value >= 1023.5 && unit < ByteUnits.Length - 1);

        return value < 9.995 ? $"{value:0.00} {ByteUnits[unit]}"
            : value < 99.95 ? $"{value:0.0} {ByteUnits[unit]}"
            : $"{value:0} {ByteUnits[unit]}";
    }

    /// <summary><c>0.4s</c>, <c>12s</c>, <c>4m 12s</c>, <c>5h 3m</c>, <c>3d 4h</c>: the two largest units.</summary>
    public static string Duration(double seconds)
    {
        if (!double.IsFinite(seconds) || seconds < 0)
        {
            return "-";
        }

        return seconds switch
        {
            < 9.95 => $"{seconds:0.0}s",
            < SecondsPerMinute => $"{Math.Floor(seconds):0}s",
            < SecondsPerHour => Two(seconds, SecondsPerMinute, "m", 1, "s"),
            < SecondsPerDay => Two(seconds, SecondsPerHour, "h", SecondsPerMinute, "m"),
            _ => Two(seconds, SecondsPerDay, "d", SecondsPerHour, "h"),
        };
    }

    /// <summary><c>0.345 ms</c>, <c>12.3 ms</c>, <c>230 ms</c>.</summary>
    public static string RoundTrip(double seconds) =>
        !double.IsFinite(seconds) || seconds < 0 ? "-" : $"{Milliseconds(seconds)} ms";

    /// <summary>A round trip as ping(8) writes it: milliseconds without their unit.</summary>
    public static string Milliseconds(double seconds) => (seconds * 1000) switch
    {
        < 9.9995 and double milliseconds => $"{milliseconds:0.000}",
        < 99.95 and double milliseconds => $"{milliseconds:0.0}",
        double milliseconds => $"{milliseconds:0}",
    };

    private static string Two(double seconds, double large, string largeUnit, double small, string smallUnit)
    {
        double whole = Math.Floor(seconds / large);
        double rest = Math.Floor((seconds - (whole * large)) / small);
        return $"{whole:0}{largeUnit} {rest:0}{smallUnit}";
    }
}

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace EdgeMesh.Benchmarks.Comparing;

/// <summary>Says what became better or worse than a baseline, beyond noise.</summary>
/// <remarks>
/// Times are divided by those of <see cref="CalibrationBenchmark"/> in their own run, so that another hour of a shared
/// machine compares. A change counts if the two means lie more than three standard errors of both apart, and more than
/// <see cref="NoiseShare"/>: below it, two runs of one binary differ too. Any allocated byte more counts. What seems
/// worse is measured again: see <see cref="Worse"/>.
/// </remarks>
internal static class Comparison
{
    /// <summary>Changes up to this share are called noise.</summary>
    public const double NoiseShare = 0.15;

    private const double StandardErrors = 3;
    private const string WorseVerdict = "WORSE";

    /// <summary>
    /// What became worse. A shared machine's slow minute looks like it: measure these again, and keep the better
    /// outcome.
    /// </summary>
    public static IReadOnlyList<Measurement> Worse(Baseline baseline, Baseline now)
    {
        double scale = Scale(baseline, now);
        Dictionary<string, Measurement> before = baseline.Measurements.ToDictionary(each => each.Name);
        return
        [
            .. now.Measurements.Where(each =>
                before.TryGetValue(each.Name, out Measurement? old) && Verdict(old, each, scale) == WorseVerdict),
        ];
    }

    /// <summary>Prints one line for each measurement that both have.</summary>
    /// <returns>How many became worse.</returns>
    public static int Print(TextWriter output, Baseline baseline, Baseline now)
    {
        output.WriteLine($"baseline: {baseline.Machine}");
        output.WriteLine($"now:      {now.Machine}");
        double scale = Scale(baseline, now);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"this machine takes {scale:0.00} times as long for the calibration; times below are divided by that"));
        Dictionary<string, Measurement> before = baseline.Measurements.ToDictionary(each => each.Name);
        int worse = 0;
        foreach (Measurement measurement in now.Measurements.OrderBy(each => each.Name, StringComparer.Ordinal))
        {
            if (!before.TryGetValue(measurement.Name, out Measurement? old))
            {
                output.WriteLine($"new     {measurement.Name}");
                continue;
            }

            string verdict = Verdict(old, measurement, scale);
            worse += verdict == WorseVerdict ? 1 : 0;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{verdict,-7} {measurement.Nanoseconds / scale / old.Nanoseconds,5:0.00} x  "
                + $"{old.Nanoseconds,12:0.0} -> {measurement.Nanoseconds / scale,12:0.0} ns  "
                + $"{old.AllocatedBytes} -> {measurement.AllocatedBytes} B  {measurement.Name}"));
        }

        return worse;
    }

    private static double Scale(Baseline baseline, Baseline now)
    {
        double? before = Calibration(baseline);
        double? after = Calibration(now);
        return before is null || after is null ? 1 : after.Value / before.Value;
    }

    private static double? Calibration(Baseline run) => run.Measurements
        .FirstOrDefault(each => each.Name.Contains(CalibrationBenchmark.MethodName, StringComparison.Ordinal))
        ?.Nanoseconds;

    private static string Verdict(Measurement old, Measurement now, double scale)
    {
        double mean = now.Nanoseconds / scale;
        double error = Math.Sqrt(
            (old.ErrorNanoseconds * old.ErrorNanoseconds)
            + (now.ErrorNanoseconds * now.ErrorNanoseconds / scale / scale));
        double change = mean - old.Nanoseconds;
        bool isBeyondNoise = Math.Abs(change) > StandardErrors * error
            && Math.Abs(change) > NoiseShare * old.Nanoseconds;
        if (now.AllocatedBytes > old.AllocatedBytes)
        {
            return WorseVerdict;
        }

        return !isBeyondNoise ? "same" : change > 0 ? WorseVerdict : "better";
    }
}

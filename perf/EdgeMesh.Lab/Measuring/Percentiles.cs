using System;
using System.Collections.Generic;
using System.Linq;

namespace EdgeMesh.Lab.Measuring;

/// <summary>Order statistics of a handful of samples.</summary>
public static class Percentiles
{
    /// <summary>The middle sample; of an even number, the mean of the middle two. NaN if there is none.</summary>
    public static double Median(IEnumerable<double> samples)
    {
        double[] sorted = [.. samples.Order()];
        return sorted.Length == 0
            ? double.NaN
            : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>The smallest sample that at least this share of all do not exceed. NaN if there is none.</summary>
    public static double At(IEnumerable<double> samples, double share)
    {
        double[] sorted = [.. samples.Order()];
        return sorted.Length == 0
            ? double.NaN
            : sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
    }
}

using System;
using System.Collections.Generic;
using System.Linq;

namespace EdgeMesh.Perf.Thresholds;

/// <summary>The Mann-Whitney test: how likely two sets of samples come from one distribution.</summary>
internal static class RankSum
{
    private const int ExactMax = 12; // samples per side; beyond, the normal approximation is good to 1 %

    /// <summary>The two-sided probability of ranks at least as far apart as these, if nothing had changed.</summary>
    public static double Probability(IReadOnlyList<double> one, IReadOnlyList<double> other)
    {
        if (one.Count == 0 || other.Count == 0)
        {
            return 1;
        }

        // Of each pair: 1 if this one's is greater, a half for a tie.
        double wins = one.Sum(a => other.Sum(b => a > b ? 1 : a == b ? 0.5 : 0));
        double pairs = (double)one.Count * other.Count;
        double far = Math.Min(wins, pairs - wins);
        bool hasTies = one.Concat(other).Distinct().Count() < one.Count + other.Count;
        return !hasTies && one.Count <= ExactMax && other.Count <= ExactMax
            ? Math.Min(1, 2 * ExactTail(one.Count, other.Count, (int)far))
            : Approximate(one, other, far, pairs);
    }

    // The share of all orders of n and m samples in which one side wins at most u pairs.
    private static double ExactTail(int n, int m, int u)
    {
        // ways[i][k]: orders of i samples of the one with the m of the other in which it wins k pairs in all.
        double[,] ways = new double[n + 1, (n * m) + 1];
        ways[0, 0] = 1;
        for (int wins = 0; wins <= m; wins++)
        {
            for (int i = 1; i <= n; i++)
            {
                for (int k = wins; k <= n * m; k++)
                {
                    ways[i, k] += ways[i - 1, k - wins];
                }
            }
        }

        double all = 0;
        double tail = 0;
        for (int k = 0; k <= n * m; k++)
        {
            all += ways[n, k];
            tail += k <= u ? ways[n, k] : 0;
        }

        return tail / all;
    }

    private static double Approximate(IReadOnlyList<double> one, IReadOnlyList<double> other, double far, double pairs)
    {
        double all = one.Count + other.Count;
        double ties = one.Concat(other).GroupBy(value => value)
            .Sum(group => Math.Pow(group.Count(), 3) - group.Count());
        double variance = pairs / 12 * (all + 1 - (ties / (all * (all - 1))));
        if (variance <= 0)
        {
            return 1; // all samples are one value
        }

        double z = Math.Max(0, (pairs / 2) - far - 0.5) / Math.Sqrt(variance);
        return Math.Min(1, 2 * (1 - NormalBelow(z)));
    }

    // Abramowitz and Stegun 26.2.17: off by less than 1e-7.
    private static double NormalBelow(double z)
    {
        double t = 1 / (1 + (0.2316419 * z));
        double tail = Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI)
            * t * (0.319381530 + (t * (-0.356563782 + (t * (1.781477937 + (t * (-1.821255978 + (t * 1.330274429))))))));
        return 1 - tail;
    }
}

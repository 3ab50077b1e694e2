using System;
using System.Collections.Generic;

namespace EdgeMesh.ControlPlane.DesiredState;

/// <summary>Finds the known name that somebody probably meant.</summary>
internal static class NearestName
{
    private const int TextCharsMax = 64; // the distance costs the product of both lengths

    internal static string? Find(string text, IEnumerable<string> known)
    {
        if (text.Length > TextCharsMax)
        {
            return null;
        }

        string? nearest = null;
        int best = int.MaxValue;
        foreach (string name in known)
        {
            int distance = Distance(text, name);
            if (distance < best)
            {
                best = distance;
                nearest = name;
            }
        }

        return best <= Math.Max(2, text.Length / 2) ? nearest : null;
    }

    // Levenshtein's, one row at a time, blind to case.
    private static int Distance(string a, string b)
    {
        int[] row = new int[b.Length + 1];
        for (int j = 0; j < row.Length; j++)
        {
            row[j] = j;
        }

        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int same = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1;
                int next = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + same);
                diagonal = row[j];
                row[j] = next;
            }
        }

        return row[b.Length];
    }
}

using System;
using System.Text;
using EdgeMesh.Forwarding.Routing;

namespace EdgeMesh.FuzzTargets;

/// <summary>The texts of prefixes.</summary>
public static class PrefixTarget
{
    /// <summary>Reads a text as a prefix of both versions.</summary>
    /// <param name="bytes">UTF-8.</param>
    public static void Run(ReadOnlySpan<byte> bytes)
    {
        string text = Encoding.UTF8.GetString(bytes);
        if (Prefix4.TryParse(text, out Prefix4 v4))
        {
            Invariant.Holds(v4.ToString() == text, "an IPv4 prefix has one spelling");
        }

        if (Prefix6.TryParse(text, out Prefix6 v6))
        {
            Invariant.Holds(Prefix6.TryParse(v6.ToString(), out Prefix6 again), "what we write we read");
            Invariant.Holds(v6 == again, "it is the same");
        }
    }
}

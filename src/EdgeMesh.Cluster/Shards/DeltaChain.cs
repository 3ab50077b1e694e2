using System;
using System.Security.Cryptography;

namespace EdgeMesh.Cluster.Shards;

/// <summary>Tells deltas of the writer of the index from those of anybody who may create ConfigMaps.</summary>
/// <remarks>
/// <para>
/// Agents may create ConfigMaps, and a right to create can't be limited to names. So a captured node could create the
/// next delta before the controller does, and every other node would follow it. But nobody except the controller can
/// change the index: it holds the last value of a chain of hashes, and each delta shows the value before.
/// </para>
/// <code>
///   seed -- SHA-256 --&gt; ... --&gt; token of delta 2 -- SHA-256 --&gt; token of delta 1 -- SHA-256 --&gt; the index
/// </code>
/// <para>
/// A token that was shown is of no use: the delta that shows it is there, and names are given once. A writer that was
/// started again knows no seed, and begins another chain with another index.
/// </para>
/// </remarks>
internal static class DeltaChain
{
    /// <summary>Most deltas of one chain.</summary>
    public const int LengthMax = ClusterLimits.DeltasMax;

    /// <summary>Bytes of a token.</summary>
    public const int TokenBytes = SHA256.HashSizeInBytes;

    /// <summary>Begins a chain.</summary>
    public static byte[] NewSeed() => RandomNumberGenerator.GetBytes(TokenBytes);

    /// <summary>What the index shows.</summary>
    public static string EndOf(byte[] seed) => Convert.ToHexStringLower(TokenOf(seed, 0));

    /// <summary>What a delta shows.</summary>
    /// <param name="seed">Of the chain.</param>
    /// <param name="number">Generations from the index to the delta's, at most <see cref="LengthMax"/>.</param>
    public static byte[] TokenOf(byte[] seed, int number) => Hash(seed, LengthMax - number);

    /// <summary>Does a delta show the token of its number?</summary>
    /// <param name="end">What the index shows; empty: it names no chain.</param>
    /// <param name="number">Generations from the index to the delta's.</param>
    /// <param name="token">What the delta shows.</param>
    public static bool IsToken(string end, ulong number, ReadOnlySpan<byte> token) =>
        number is > 0 and <= LengthMax
        && token.Length == TokenBytes
        && Convert.ToHexStringLower(Hash(token, (int)number)) == end;

    private static byte[] Hash(ReadOnlySpan<byte> start, int times)
    {
        byte[] value = start.ToArray();
        for (int i = 0; i < times; i++)
        {
            value = SHA256.HashData(value);
        }

        return value;
    }
}

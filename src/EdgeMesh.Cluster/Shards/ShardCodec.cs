using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.IO.Compression;
using System.Security.Cryptography;
using Google.Protobuf;

namespace EdgeMesh.Cluster.Shards;

/// <summary>Messages as compressed bytes (gzip, RFC 1952), and hashes of both.</summary>
internal static class ShardCodec
{
    private const int RecursionMax = 16; // documents are three deep

    /// <summary>Compresses a message. It is never whole in memory uncompressed.</summary>
    public static byte[] Encode(IMessage message)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            message.WriteTo(gzip);
        }

        return compressed.ToArray();
    }

    /// <summary>Reads a message of compressed pieces.</summary>
    /// <param name="pieces">The compressed bytes, in order.</param>
    /// <param name="parser">Of the message.</param>
    /// <param name="message">The message.</param>
    /// <param name="problem">What is wrong with the bytes, to follow the name of what they are of.</param>
    /// <returns>False if there is no message in them, or one over
    /// <see cref="ClusterLimits.DocumentBytesMax"/>.</returns>
    public static bool TryDecode<T>(
        IEnumerable<ReadOnlyMemory<byte>> pieces,
        MessageParser<T> parser,
        [NotNullWhen(true)] out T? message,
        [NotNullWhen(false)] out string? problem)
        where T : class, IMessage<T>
    {
        message = null;
        try
        {
            using var joined = new PieceStream(pieces);
            using var gzip = new GZipStream(joined, CompressionMode.Decompress);
            using var coded = CodedInputStream.CreateWithLimits(
                gzip, ClusterLimits.DocumentBytesMax, RecursionMax);
            message = parser.ParseFrom(coded);
            problem = null;
            return true;
        }
        catch (InvalidProtocolBufferException e)
        {
            problem = $"can't be read: {e.Message}";
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            problem = $"can't be decompressed: {e.Message}";
        }

        return false;
    }

    /// <summary>Hash of a message's protobuf. It is never whole in memory.</summary>
    public static byte[] HashOf(IMessage message)
    {
        using var hash = SHA256.Create();
        using (var hashing = new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write))
        {
            message.WriteTo(hashing);
        }

        return hash.Hash!;
    }

    /// <summary>Hash of bytes, in hexadecimal.</summary>
    public static string HashOf(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}

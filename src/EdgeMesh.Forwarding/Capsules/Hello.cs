using System;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace EdgeMesh.Forwarding.Capsules;

/// <summary>What both sides say first on a tunnel stream: a protobuf message after its length as varint.</summary>
/// <remarks><code>
///   message Hello {
///     uint32 version = 1;           // 1
///     string node_name = 2;         // at most 253 bytes
///     uint32 lane_index = 3;        // below lane_count; said by the end that dialed, the other end says 0
///     uint32 lane_count = 4;        // 1 to 64; absent: 1
///     uint32 features = 5;          // HelloFeatures
///     uint64 route_generation = 6;  // of the sender's tables, for diagnosis only
///     uint64 instance = 7;          // random number of the sender's process; absent: unknown
///     uint64 sequence = 8;          // counts the dials of the sender; said by the end that dialed; absent: unknown
///   }
/// </code>
/// Written by hand: the packet path's projects use no packages. Unknown fields are skipped, of repeated ones the last
/// counts. The node name is a claim: who the peer is, its connection has proven.
/// </remarks>
public sealed record Hello
{
    /// <summary>The version that we speak.</summary>
    public const int VersionCurrent = 1;

    /// <summary>Longest message, its length not counted.</summary>
    public const int MessageBytesMax = 512;

    /// <summary>Longest name of a node, bytes (Kubernetes: a DNS subdomain, RFC 1123).</summary>
    public const int NodeNameBytesMax = 253;

    /// <summary>Most lanes between two nodes: one per worker, and an operator may start 64.</summary>
    public const int LaneCountMax = 64;

    /// <summary>Bytes of a length up to <see cref="MessageBytesMax"/>.</summary>
    internal const int LengthBytesMax = 2;

    /// <summary>Bytes that <see cref="Write"/> may need.</summary>
    public const int BytesMax = LengthBytesMax + MessageBytesMax;

    private const int VersionField = 1;
    private const int NodeNameField = 2;
    private const int LaneIndexField = 3;
    private const int LaneCountField = 4;
    private const int FeaturesField = 5;
    private const int RouteGenerationField = 6;
    private const int InstanceField = 7;
    private const int SequenceField = 8;

    /// <summary>Version of the tunnel protocol; a newer peer still speaks ours.</summary>
    public int Version { get; init; } = VersionCurrent;

    /// <summary>The sender's name in the mesh document: printable ASCII.</summary>
    public required string NodeName { get; init; }

    /// <summary>Which of the lanes this is, from 0; of meaning only from the end that dialed.</summary>
    public int LaneIndex { get; init; }

    /// <summary>How many lanes the sender wants.</summary>
    public int LaneCount { get; init; } = 1;

    /// <summary>What the sender takes.</summary>
    public HelloFeatures Features { get; init; }

    /// <summary>Generation of the sender's routing tables.</summary>
    public ulong RouteGeneration { get; init; }

    /// <summary>Tells a process from the one that ran before it; 0 if the sender does not say.</summary>
    public ulong Instance { get; init; }

    /// <summary>
    /// Counts the dials of the sender's process, so that both ends know which of two connections is the later one; 0 if
    /// the sender did not dial this one, or does not say.
    /// </summary>
    public ulong Sequence { get; init; }

    /// <summary>Writes length and message.</summary>
    /// <param name="destination">At least <see cref="BytesMax"/>.</param>
    /// <returns>Bytes written.</returns>
    public int Write(Span<byte> destination)
    {
        Debug.Assert(IsSound(this), "a Hello that the peer would refuse");
        Span<byte> message = stackalloc byte[MessageBytesMax];
        var writer = new ProtobufWriter(message);
        writer.Write(VersionField, (ulong)Version);
        writer.Write(NodeNameField, NodeName);
        writer.Write(LaneIndexField, (ulong)LaneIndex);
        writer.Write(LaneCountField, (ulong)LaneCount);
        writer.Write(FeaturesField, (ulong)Features);
        writer.Write(RouteGenerationField, RouteGeneration);
        writer.Write(InstanceField, Instance);
        writer.Write(SequenceField, Sequence);

        var prefix = new ProtobufWriter(destination);
        prefix.WriteVarint((ulong)writer.Length);
        message[..writer.Length].CopyTo(destination[prefix.Length..]);
        return prefix.Length + writer.Length;
    }

    /// <summary>Reads a message, without its length.</summary>
    /// <returns>False if it is no message of this kind, or says what can't be.</returns>
    public static bool TryParse(ReadOnlySpan<byte> message, [NotNullWhen(true)] out Hello? hello)
    {
        hello = null;
        var reader = new ProtobufReader(message);
        string name = string.Empty;
        Span<ulong> numbers = stackalloc ulong[SequenceField + 1];
        numbers.Clear();
        while (reader.TryReadField(out int field, out ulong number, out ReadOnlySpan<byte> bytes))
        {
            if (field == NodeNameField)
            {
                if (bytes.Length > NodeNameBytesMax || !Ascii.IsValid(bytes))
                {
                    return false;
                }

                name = Encoding.ASCII.GetString(bytes);
            }
            else if (field < numbers.Length)
            {
                numbers[field] = number;
            }
        }

        if (!reader.IsAtEnd || numbers[VersionField] is 0 or > int.MaxValue || numbers[LaneCountField] > LaneCountMax)
        {
            return false;
        }

        var parsed = new Hello
        {
            Version = (int)numbers[VersionField],
            NodeName = name,
            LaneIndex = (int)Math.Min(numbers[LaneIndexField], LaneCountMax),
            LaneCount = (int)Math.Max(1, numbers[LaneCountField]),
            Features = (HelloFeatures)(numbers[FeaturesField] & 0x7FFF_FFFF),
            RouteGeneration = numbers[RouteGenerationField],
            Instance = numbers[InstanceField],
            Sequence = numbers[SequenceField],
        };
        hello = IsSound(parsed) ? parsed : null;
        return hello is not null;
    }

    private static bool IsSound(Hello hello) =>
        hello.Version >= 1
        && hello.NodeName.Length is >= 1 and <= NodeNameBytesMax
        && !hello.NodeName.AsSpan().ContainsAnyExceptInRange('!', '~')
        && hello.LaneCount is >= 1 and <= LaneCountMax
        && hello.LaneIndex >= 0
        && hello.LaneIndex < hello.LaneCount;
}

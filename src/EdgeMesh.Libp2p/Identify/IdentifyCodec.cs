using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using EdgeMesh.Addresses;
using EdgeMesh.Libp2p.Identify.Messages;
using Google.Protobuf;

namespace EdgeMesh.Libp2p.Identify;

/// <summary>The bytes of one identify stream.</summary>
/// <remarks><code>
///   length (varint) | IdentifyMessage      repeated until the stream ends; all messages merged are what the peer says
/// </code></remarks>
public static class IdentifyCodec
{

    /// <summary>Reads a whole stream.</summary>
    /// <returns>False if it is malformed, truncated, empty, or beyond <see cref="IdentifyLimits"/>.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> stream, [NotNullWhen(true)] out IdentifyInfo? info)
    {
        info = null;
        var merged = new IdentifyMessage();
        int messages = 0;
        while (!stream.IsEmpty)
        {
            if (messages++ == IdentifyLimits.MessagesMax
                || UnsignedVarint.TryRead(stream, out ulong length, out int lengthBytes) != VarintResult.Good
                || length > IdentifyLimits.MessageBytesMax
                || length > (ulong)(stream.Length - lengthBytes)
                || !TryMerge(merged, stream.Slice(lengthBytes, (int)length)))
            {
                return false;
            }

            stream = stream[(lengthBytes + (int)length)..];
        }

        if (messages == 0
            || merged.ListenAddresses.Count > IdentifyLimits.NamedMax
            || merged.Protocols.Count > IdentifyLimits.NamedMax)
        {
            return false;
        }

        info = ToInfo(merged);
        return true;
    }

    /// <summary>Writes what we say; a signed record goes into a message of its own, as go does.</summary>
    public static byte[] Encode(IdentifyInfo info)
    {
        ArgumentNullException.ThrowIfNull(info);
        var message = new IdentifyMessage();
        if (info.PublicKey is { } key)
        {
            message.PublicKey = ByteString.CopyFrom(key.Span);
        }

        foreach (Multiaddr address in info.ListenAddresses ?? [])
        {
            message.ListenAddresses.Add(ByteString.CopyFrom(address.Bytes.Span));
        }

        message.Protocols.AddRange(info.Protocols ?? []);
        if (info.ObservedAddress is not null)
        {
            message.ObservedAddress = ByteString.CopyFrom(info.ObservedAddress.Bytes.Span);
        }

        if (info.ProtocolVersion is not null)
        {
            message.ProtocolVersion = info.ProtocolVersion;
        }

        if (info.AgentVersion is not null)
        {
            message.AgentVersion = info.AgentVersion;
        }

        byte[] first = Frame(message);
        return info.SignedPeerRecord is { } record
            ? [.. first, .. Frame(new IdentifyMessage { SignedPeerRecord = ByteString.CopyFrom(record.Span) })]
            : first;
    }

    private static byte[] Frame(IdentifyMessage message)
    {
        int length = message.CalculateSize();
        int lengthBytes = UnsignedVarint.LengthOf((ulong)length);
        byte[] bytes = new byte[lengthBytes + length];
        UnsignedVarint.Write(bytes, (ulong)length);
        message.WriteTo(bytes.AsSpan(lengthBytes));
        return bytes;
    }

    private static bool TryMerge(IdentifyMessage merged, ReadOnlySpan<byte> bytes)
    {
        try
        {
            merged.MergeFrom(bytes);
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }

    private static IdentifyInfo ToInfo(IdentifyMessage message) => new()
    {
        PublicKey = message.HasPublicKey ? message.PublicKey.Memory : null,
        ListenAddresses = message.ListenAddresses.Count > 0 ? ToAddresses(message.ListenAddresses) : null,
        Protocols = message.Protocols.Count > 0 ? [.. message.Protocols] : null,
        ObservedAddress = message.HasObservedAddress ? ToAddress(message.ObservedAddress) : null,
        ProtocolVersion = message.HasProtocolVersion ? message.ProtocolVersion : null,
        AgentVersion = message.HasAgentVersion ? message.AgentVersion : null,
        SignedPeerRecord = message.HasSignedPeerRecord ? message.SignedPeerRecord.Memory : null,
    };

    private static List<Multiaddr> ToAddresses(IEnumerable<ByteString> encoded)
    {
        var addresses = new List<Multiaddr>();
        foreach (ByteString bytes in encoded)
        {
            if (ToAddress(bytes) is Multiaddr address)
            {
                addresses.Add(address);
            }
        }

        return addresses;
    }

    private static Multiaddr? ToAddress(ByteString bytes) =>
        Multiaddr.TryDecode(bytes.Span, out Multiaddr? address, out _) ? address : null;
}

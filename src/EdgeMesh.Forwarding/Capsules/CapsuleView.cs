using System;
using EdgeMesh.Packets;

namespace EdgeMesh.Forwarding.Capsules;

/// <summary>A capsule as the reader found it.</summary>
public readonly ref struct CapsuleView
{
    internal CapsuleView(CapsuleType type, Span<byte> value, Packet? packet = null)
    {
        Type = type;
        Value = value;
        Packet = packet;
    }

    /// <summary>A type that we know.</summary>
    public CapsuleType Type { get; }

    /// <summary>
    /// The value: in the caller's bytes, in <see cref="Packet"/>, or (probes) in the reader until its next step.
    /// </summary>
    public Span<byte> Value { get; }

    /// <summary>
    /// If not null, the packet spanned several reads and was put together in this slot, offload header included. The
    /// caller owns it; <see cref="Value"/> lies in it.
    /// </summary>
    public Packet? Packet { get; }

    /// <summary>Whether this is a packet, with or without an offload header.</summary>
    public bool IsPacket => Type is CapsuleType.Packet or CapsuleType.OffloadedPacket;
}

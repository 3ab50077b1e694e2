namespace EdgeMesh.Packets;

/// <summary>The sizes that every part of the packet path agrees on. Bytes, unless the name says otherwise.</summary>
public static class Limits
{
    /// <summary>Largest IP packet: the total length field has 16 bits (RFC 791 §3.1).</summary>
    public const int PacketBytesMax = 65535;

    /// <summary>Smallest MTU of the TUN: what IPv6 demands of every link (RFC 8200 §5).</summary>
    public const int MtuBytesMin = 1280;

    /// <summary>MTU of the TUN unless told otherwise: that of the pods' Ethernet links.</summary>
    public const int MtuBytesDefault = 1500;

    /// <summary>Largest MTU of the TUN.</summary>
    public const int MtuBytesMax = 65520;

    /// <summary><c>struct virtio_net_hdr</c> without its later fields (linux/virtio_net.h).</summary>
    public const int OffloadHeaderBytes = 10;

    /// <summary>The header of a yamux frame (yamux specification, "Framing").</summary>
    public const int FrameHeaderBytes = 12;

    /// <summary>Type and length of a capsule: one byte, then 24 bits.</summary>
    public const int CapsuleHeaderBytes = 4;

    /// <summary>Room before the offload header, so that a packet becomes a frame where it lies.</summary>
    public const int HeadroomBytes = FrameHeaderBytes + CapsuleHeaderBytes;

    /// <summary>Room after the packet for the Poly1305 tag (RFC 8439 §2.5).</summary>
    public const int TailroomBytes = 16;

    /// <summary>A slot that holds every packet.</summary>
    public const int LargeSlotBytes = HeadroomBytes + OffloadHeaderBytes + PacketBytesMax + TailroomBytes;

    /// <summary>A slot that holds a packet of Ethernet's MTU; queued packets wait in these where they fit.</summary>
    public const int SmallSlotBytes = 2048;

    /// <summary>Largest packet of a small slot.</summary>
    public const int SmallPacketBytesMax = SmallSlotBytes - HeadroomBytes - OffloadHeaderBytes - TailroomBytes;

    /// <summary>
    /// Slot for what lies between: a train of a flow whose window is small yet. Four are a block.
    /// </summary>
    public const int MediumSlotBytes = 16384;

    /// <summary>Largest IP packet that a medium slot holds, bytes.</summary>
    public const int MediumPacketBytesMax = MediumSlotBytes - HeadroomBytes - OffloadHeaderBytes - TailroomBytes;

    /// <summary>What a pool's memory is divided into: one large slot, rounded up to whole cache lines, bytes.</summary>
    public const int BlockBytes = (LargeSlotBytes + CacheLineBytes - 1) / CacheLineBytes * CacheLineBytes;

    /// <summary>Packets handled in one pass.</summary>
    public const int BatchPackets = 64;

    /// <summary>Longest value of a capsule that carries a packet: the offload header and the packet.</summary>
    public const int CapsuleBytesMax = OffloadHeaderBytes + PacketBytesMax;

    /// <summary>Memory of one worker's pool unless told otherwise, MiB.</summary>
    public const int PoolMebibytesDefault = 16;

    // Compile-time assertions: -1 does not fit a byte, so a false condition fails the build.
    internal const byte BlockHoldsFourMediumSlots = BlockBytes >= 4 * MediumSlotBytes ? 0 : -1;
    internal const byte SmallSlotHoldsEthernetMtu = SmallPacketBytesMax >= MtuBytesDefault ? 0 : -1;
    internal const byte LargeSlotHoldsMtu = PacketBytesMax >= MtuBytesMax ? 0 : -1;
    internal const byte CapsuleLengthFits24Bits = CapsuleBytesMax < (1 << 24) ? 0 : -1;

    private const int CacheLineBytes = 64;
}

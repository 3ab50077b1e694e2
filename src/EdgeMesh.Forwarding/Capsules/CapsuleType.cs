namespace EdgeMesh.Forwarding.Capsules;

/// <summary>First byte of a capsule. A peer may send types we don't know; they are skipped by their length.</summary>
public enum CapsuleType : byte
{
    /// <summary>One IP packet.</summary>
    Packet = 0x00,

    /// <summary>
    /// <c>struct virtio_net_hdr</c> (10 bytes), then a packet with a partial checksum or many segments.
    /// </summary>
    OffloadedPacket = 0x01,

    /// <summary>Sender's counter and monotonic time, 16 bytes; see <see cref="Capsules.Probe"/>.</summary>
    Probe = 0x02,

    /// <summary>The same 16 bytes back, and the responder's queue delay.</summary>
    ProbeReply = 0x03,

    /// <summary>The sender will close this lane: use another.</summary>
    Drain = 0x04,
}

using System;
using System.Buffers.Binary;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;

namespace EdgeMesh.Forwarding.Pipeline;

/// <summary>Finishes partial checksums, for peers and devices that don't take them.</summary>
public static class ChecksumCompleter
{
    /// <summary>Completes the checksum in place, if it is partial; the packet is plain afterwards.</summary>
    /// <param name="packet">Stays the caller's. Not a super-packet: the <see cref="Segmenter"/> is for those.</param>
    /// <returns><see cref="DropReason.BadOffload"/> if the header's offsets are not inside the packet.</returns>
    public static DropReason Complete(Packet packet)
    {
        ArgumentNullException.ThrowIfNull(packet);
        OffloadHeader offload = OffloadHeader.Read(packet.OffloadHeader);
        if (offload.RawType != 0)
        {
            return DropReason.BadOffload;
        }

        if (offload.NeedsChecksum && !TryComplete(packet.Bytes, offload.ChecksumStart, offload.ChecksumOffset))
        {
            return DropReason.BadOffload;
        }

        packet.OffloadHeader.Clear();
        packet.IsOffloaded = false;
        return DropReason.None;
    }

    private static bool TryComplete(Span<byte> packet, int start, int offset)
    {
        if (start + offset + sizeof(ushort) > packet.Length)
        {
            return false;
        }

        // The field holds the pseudo header's sum already, so summing over it includes that.
        Span<byte> summed = packet[start..];
        ushort checksum = InternetChecksum.Finish(InternetChecksum.Sum(summed));

        // Zero would mean "none" in UDP; its other spelling is right for every protocol (RFC 768).
        BinaryPrimitives.WriteUInt16BigEndian(summed[offset..], checksum == 0 ? ushort.MaxValue : checksum);
        return true;
    }
}

using System;
using EdgeMesh.Forwarding.Routing;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;

namespace EdgeMesh.Forwarding.Pipeline;

/// <summary>Decides where a packet from the TUN goes.</summary>
/// <remarks>
/// The kernel made the packet, so its lengths are checked but its transport header is not. The time to live is the
/// kernel's business: it took one off when it routed the packet into the TUN.
/// </remarks>
public sealed class Forwarder
{
    private readonly ulong _flowSeed;
    private readonly DatagramTable _datagrams;

    /// <summary>Makes a forwarder.</summary>
    /// <param name="flowSeed">
    /// Random, chosen at start, another one for each worker; see <see cref="FlowHash"/> and
    /// <see cref="Packet.DatagramId"/>.
    /// </param>
    public Forwarder(ulong flowSeed)
    {
        _flowSeed = flowSeed;
        _datagrams = new DatagramTable(flowSeed);
    }

    /// <summary>Finds the next hop; notes flow, datagram and offload in the packet.</summary>
    /// <param name="packet">Stays the caller's. A plain packet's offload header becomes all zeros.</param>
    /// <param name="tables">The current tables, read once per batch.</param>
    /// <param name="hop">A peer, if nothing is wrong.</param>
    /// <returns><see cref="DropReason.None"/>, or why the caller must drop the packet.</returns>
    public DropReason Route(Packet packet, RoutingTables tables, out NextHop hop)
    {
        hop = NextHop.None;
        OffloadHeader offload = OffloadHeader.Read(packet.OffloadHeader);
        packet.IsOffloaded = !offload.IsPlain;
        if (offload.IsPlain)
        {
            packet.OffloadHeader.Clear();
        }

        ReadOnlySpan<byte> bytes = packet.Bytes;
        if (bytes.IsEmpty)
        {
            return DropReason.Malformed;
        }

        return (bytes[0] >> 4) switch
        {
            4 => Route4(packet, bytes, tables.V4, out hop),
            6 => Route6(packet, bytes, tables.V6, out hop),
            _ => DropReason.Malformed,
        };
    }

    private DropReason Route4(Packet packet, ReadOnlySpan<byte> bytes, RoutingTable4 table, out NextHop hop)
    {
        hop = NextHop.None;
        if (!Ipv4Header.TryParse(bytes, out Ipv4Header header) || header.TotalLength != bytes.Length)
        {
            return DropReason.Malformed;
        }

        uint destination = header.Destination;
        if (Martian.IsForbidden(destination))
        {
            return DropReason.Martian;
        }

        hop = table.Lookup(destination);
        DropReason drop = Decide(hop, table.Lookup(header.Source));
        if (drop != DropReason.None)
        {
            return drop;
        }

        packet.FlowHash = FlowHash.Of(header, _flowSeed);
        if (header.IsFragment)
        {
            _datagrams.Note(packet, header);
        }

        return DropReason.None;
    }

    private DropReason Route6(Packet packet, ReadOnlySpan<byte> bytes, RoutingTable6 table, out NextHop hop)
    {
        hop = NextHop.None;
        if (!Ipv6Header.TryParse(bytes, out Ipv6Header header) || header.TotalLength != bytes.Length)
        {
            return DropReason.Malformed;
        }

        UInt128 destination = header.Destination;
        if (Martian.IsForbidden(destination))
        {
            return DropReason.Martian;
        }

        hop = table.Lookup(destination);
        DropReason drop = Decide(hop, table.Lookup(header.Source));
        if (drop != DropReason.None)
        {
            return drop;
        }

        Ipv6Upper upper = header.FindUpper();
        packet.FlowHash = FlowHash.Of(header, upper, _flowSeed);
        if (upper.IsFragment)
        {
            _datagrams.Note(packet, header, upper);
        }

        return DropReason.None;
    }

    private static DropReason Decide(NextHop hop, NextHop source)
    {
        if (hop.IsNone)
        {
            return DropReason.NoRoute;
        }

        if (hop.IsLocal)
        {
            return DropReason.Hairpin;
        }

        return source.IsLocal ? DropReason.None : DropReason.SourceNotLocal;
    }
}

using System;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;

namespace EdgeMesh.Forwarding.Pipeline;

/// <summary>
/// Remembers which flow a fragmented datagram belongs to, as only its first fragment has ports. One per worker.
/// </summary>
/// <remarks>
/// A first fragment always begins a new datagram, so an identification that is used again, at once or after it wrapped,
/// is never taken for the datagram before. A later fragment whose first one was not seen begins one too: its flow is
/// that of the pair of addresses. No clock: fragments follow each other at once, and a datagram is remembered until
/// newer ones need its place. Forgetting one too soon costs order, and the dropping of its rest, not the packets.
/// </remarks>
internal sealed class DatagramTable
{
    /// <summary>
    /// Datagrams that are remembered: their fragments come back to back, so this is about how many senders may cut
    /// datagrams at the same moment. 16 KiB.
    /// </summary>
    public const int DatagramsMax = 256;

    // Places that a datagram may take; the oldest in them goes.
    private const int Ways = 4;

    private readonly Entry[] _entries = new Entry[DatagramsMax];
    private readonly ulong _seed;
    private uint _lastId;

    /// <summary>Makes an empty table.</summary>
    /// <param name="seed">
    /// Random, chosen at start: pods can't choose identifications that collide, and the numbers of two workers, which
    /// may meet in one queue, begin far from each other.
    /// </param>
    public DatagramTable(ulong seed)
    {
        _seed = seed;
        _lastId = (uint)(seed >> 32);
    }

    /// <summary>Notes flow and datagram in an IPv4 fragment.</summary>
    /// <param name="packet">Its flow hash is set as far as the fragment alone tells.</param>
    /// <param name="header">The fragment.</param>
    public void Note(Packet packet, in Ipv4Header header)
    {
        var key = new Key(header.Source, header.Destination, header.Identification, header.Protocol, IsV4: true);
        Note(packet, key, header.Addresses, header.IsLaterFragment);
    }

    /// <summary>Notes flow and datagram in an IPv6 fragment.</summary>
    /// <param name="packet">Its flow hash is set as far as the fragment alone tells.</param>
    /// <param name="header">The fragment.</param>
    /// <param name="upper">What it has after the extension headers.</param>
    /// <remarks>The protocol is not part of the datagram's name: later fragments need not have it (RFC 8200 §4.5).
    /// </remarks>
    public void Note(Packet packet, in Ipv6Header header, in Ipv6Upper upper)
    {
        var key = new Key(header.Source, header.Destination, upper.Identification, Protocol: 0, IsV4: false);
        Note(packet, key, header.Addresses, upper.IsLaterFragment);
    }

    private void Note(Packet packet, in Key key, ReadOnlySpan<byte> addresses, bool isLater)
    {
        uint hash = FlowHash.Of(addresses, key.Protocol, key.Identification, _seed);
        Span<Entry> places = _entries.AsSpan((int)(hash % (DatagramsMax / Ways)) * Ways, Ways);
        ref Entry entry = ref places[Find(places, key)];
        bool isKnown = entry.Id != 0 && entry.Key == key;
        if (!isLater || !isKnown)
        {
            entry.Key = key;
            entry.Id = NextId();
            entry.FlowHash = packet.FlowHash;
        }

        packet.FlowHash = entry.FlowHash;
        packet.DatagramId = entry.Id;
    }

    // The datagram's place, or else an empty one, or else the oldest.
    private int Find(ReadOnlySpan<Entry> places, in Key key)
    {
        int oldest = 0;
        uint oldestAge = 0;
        for (int i = 0; i < places.Length; i++)
        {
            uint age = places[i].Id == 0 ? uint.MaxValue : unchecked(_lastId - places[i].Id);
            if (places[i].Id != 0 && places[i].Key == key)
            {
                return i;
            }

            if (age > oldestAge)
            {
                oldest = i;
                oldestAge = age;
            }
        }

        return oldest;
    }

    private uint NextId()
    {
        _lastId = unchecked(_lastId + 1);
        _lastId = _lastId == 0 ? 1 : _lastId;
        return _lastId;
    }

    private readonly record struct Key(
        UInt128 Source, UInt128 Destination, uint Identification, byte Protocol, bool IsV4);

    private struct Entry
    {
        public Key Key;
        public uint FlowHash;
        public uint Id; // 0 if the place is empty
    }
}

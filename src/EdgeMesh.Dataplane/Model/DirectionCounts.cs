namespace EdgeMesh.Dataplane.Model;

/// <summary>What became of packets in one direction: from our TUN to peers, or from peers to our TUN.</summary>
/// <param name="Packets">Packets that came in at the start of the way.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="DeliveredPackets">Packets that reached its end: a peer's connection, or the TUN.</param>
/// <param name="DeliveredBytes">Their bytes.</param>
internal readonly record struct DirectionCounts(long Packets, long Bytes, long DeliveredPackets, long DeliveredBytes);

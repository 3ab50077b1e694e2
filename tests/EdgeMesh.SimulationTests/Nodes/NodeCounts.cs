namespace EdgeMesh.SimulationTests.Nodes;

/// <summary>Where a node's packets went, since its process began.</summary>
/// <param name="FromDevice">Packets that it read from its devices, those without a slot included.</param>
/// <param name="SentToPeers">Packets that were written to a connection.</param>
/// <param name="DroppedOut">Packets from the device that it ended on purpose, and those without a slot.</param>
/// <param name="QueuedOut">Packets from the device that it still has.</param>
/// <param name="FromPeers">Packets that came whole over a connection.</param>
/// <param name="ToDevice">Packets that it wrote to its devices, and they took.</param>
/// <param name="DroppedIn">Packets from peers that it ended on purpose, and those that the device refused.</param>
/// <param name="HeldIn">Packets from peers that it still has.</param>
public readonly record struct NodeCounts(
    long FromDevice,
    long SentToPeers,
    long DroppedOut,
    long QueuedOut,
    long FromPeers,
    long ToDevice,
    long DroppedIn,
    long HeldIn)
{
    /// <summary>Packets that are missing (or too many, if negative) on the way out.</summary>
    public long MissingOut => FromDevice - SentToPeers - DroppedOut - QueuedOut;

    /// <summary>The same on the way in.</summary>
    public long MissingIn => FromPeers - ToDevice - DroppedIn - HeldIn;

    public static NodeCounts operator +(NodeCounts a, NodeCounts b) => new(
        a.FromDevice + b.FromDevice,
        a.SentToPeers + b.SentToPeers,
        a.DroppedOut + b.DroppedOut,
        a.QueuedOut + b.QueuedOut,
        a.FromPeers + b.FromPeers,
        a.ToDevice + b.ToDevice,
        a.DroppedIn + b.DroppedIn,
        a.HeldIn + b.HeldIn);

    public static NodeCounts Add(NodeCounts left, NodeCounts right) => left + right;
}

using System.Collections.Generic;

namespace EdgeMesh.SimulationTests.Nodes;

/// <summary>What the simulation needs to know of a node's process: the only thing to write for another kind of node.
/// </summary>
/// <remarks>
/// The factory (<see cref="NodeFactory"/>) starts the node: it makes its loops and transports from the <see
/// cref="NodeSite"/>, opens the site's devices with its pools, sets each loop's <c>HasWork</c> and begins. The
/// properties are read between iterations of its loops, never inside one. A kill needs nothing of it: its loops just
/// end.
/// </remarks>
public interface ISimulatedNode
{
    /// <summary>Where its packets went. Must balance at any time between two iterations.</summary>
    NodeCounts Counts { get; }

    /// <summary>What it dropped, by reason; for people.</summary>
    string Drops { get; }

    /// <summary>Bytes of packets that wait in it.</summary>
    long QueueBytes { get; }

    /// <summary>The most that may ever wait: its pools.</summary>
    long QueueBytesMax { get; }

    /// <summary>Another number each time that packets to a peer begin to take another connection.</summary>
    long PathChanges(int peer);

    /// <summary>Whether packets to a peer pass, as the node says.</summary>
    bool IsConnected(int peer);

    /// <summary>Takes a list of peers into use, instead of any before: the mesh document.</summary>
    /// <param name="peers">The other nodes.</param>
    void Publish(IReadOnlyList<MeshPeer> peers);

    /// <summary>Connections that it is willing to have to each peer.</summary>
    int Lanes { get; }

    /// <summary>Begins to end in good order.</summary>
    void Stop();

    /// <summary>Whether that is done.</summary>
    bool HasStopped { get; }

    /// <summary>An operator wants a new connection to a peer, instead of the one in use.</summary>
    void Reconnect(int peer);

    /// <summary>Begins to count <see cref="ReadyPaths"/>; the answer is there after an iteration or two.</summary>
    void BeginReport();

    /// <summary>Connections over which packets to a peer may go; -1 while it is not known.</summary>
    int ReadyPaths(int peer);
}

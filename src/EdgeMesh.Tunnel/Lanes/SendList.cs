using System.Collections.Generic;
using EdgeMesh.Packets;

namespace EdgeMesh.Tunnel.Lanes;

/// <summary>The peers that a worker has something to send to, or whose lane takes more than before.</summary>
/// <remarks>
/// A lane that is written to may become writable within that very call and put its peer on the list again. What is on
/// the list then is said to the loop, which doesn't sleep: nothing that could be done now waits for an unrelated event.
/// One round an iteration: between two of them the device is read, so that what is too much for a path waits in the
/// queues of its peer, where flows are kept apart, and not in the device's.
/// </remarks>
internal sealed class SendList
{
    private List<WorkerPeer> _ready = [];
    private List<WorkerPeer> _sending = [];

    /// <summary>Whether no peer waits.</summary>
    public bool IsEmpty => _ready.Count == 0;

    /// <summary>Puts a peer on the list, unless it is there.</summary>
    public void Add(WorkerPeer peer)
    {
        if (!peer.IsReady)
        {
            peer.IsReady = true;
            _ready.Add(peer);
        }
    }

    /// <summary>Lets each peer send once.</summary>
    /// <returns>Whether some have more to send in the next iteration.</returns>
    public bool Run(Instant now)
    {
        (_ready, _sending) = (_sending, _ready);
        for (int i = 0; i < _sending.Count; i++)
        {
            WorkerPeer peer = _sending[i];
            peer.IsReady = false;
            if (peer.Lane?.Send(now) == true)
            {
                Add(peer);
            }
        }

        _sending.Clear();
        return _ready.Count > 0;
    }
}

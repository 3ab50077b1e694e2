using System.Collections.Generic;
using EdgeMesh.Packets;

namespace EdgeMesh.Tunnel.Lanes;

/// <summary>The peers that a worker has something to send to, or whose lane takes more than before.</summary>
/// <remarks>
/// A lane that is written to may become writable within that very call and put its peer on the list again. So the list
/// is worked off in rounds, and what is left after <see cref="RoundsMax"/> is said to the loop, which then doesn't
/// sleep: nothing that could be done now waits for an unrelated event.
/// </remarks>
internal sealed class SendList
{
    /// <summary>Rounds before the loop looks for packets and completions again: a burst takes two.</summary>
    private const int RoundsMax = 4;

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

    /// <summary>Lets the peers send.</summary>
    /// <returns>Whether some wait for the next iteration.</returns>
    public bool Run(Instant now)
    {
        for (int round = 0; round < RoundsMax && _ready.Count > 0; round++)
        {
            (_ready, _sending) = (_sending, _ready);
            for (int i = 0; i < _sending.Count; i++)
            {
                WorkerPeer peer = _sending[i];
                peer.IsReady = false;
                peer.Lane?.Send(now);
            }

            _sending.Clear();
        }

        return _ready.Count > 0;
    }
}

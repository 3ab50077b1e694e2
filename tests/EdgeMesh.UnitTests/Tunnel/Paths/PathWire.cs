using System.Collections.Generic;
using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Packets;

namespace EdgeMesh.UnitTests.Tunnel.Paths;

/// <summary>One connection of a <see cref="PathPair"/>: a side at each end, and what is on its way to it, in order.
/// </summary>
internal sealed class PathWire(int dialer, int lane)
{
    internal enum MessageKind
    {
        Hello,
        Probe,
        Reply,
        Drain,
        Bye,
    }

    internal enum Stage
    {
        None,
        Open,
        Closed,
    }

    /// <summary>Which end dialed.</summary>
    public int Dialer { get; } = dialer;

    /// <summary>Which lane it dialed.</summary>
    public int Lane { get; } = lane;

    /// <summary>Whether the network loses everything on it from now on.</summary>
    public bool IsSilent { get; set; }

    public Side[] Sides { get; } = [new(), new()];

    /// <summary>Sends to one end.</summary>
    public void SendTo(int end, MessageKind kind, Hello? hello = null)
    {
        if (!IsSilent && Sides[end].Stage != Stage.Closed)
        {
            Sides[end].Inbox.Enqueue((kind, hello));
        }
    }

    /// <summary>Ends it at one end; the other one hears of it later.</summary>
    public void Close(int end)
    {
        if (Sides[end].Stage != Stage.Closed)
        {
            Sides[end].Stage = Stage.Closed;
            Sides[end].Inbox.Clear();
            SendTo(1 - end, MessageKind.Bye);
        }
    }

    /// <summary>The connection as one end has it.</summary>
    internal sealed class Side
    {
        public Stage Stage { get; set; }

        /// <summary>The path's number there.</summary>
        public long Number { get; set; } = -1;

        public bool HasHello { get; set; }

        public bool IsRetired { get; set; }

        public bool IsDrainHere { get; set; }

        /// <summary>When a probe first came back; Never before.</summary>
        public Instant ReadyAt { get; set; } = Instant.Never;

        /// <summary>When a probe last came back.</summary>
        public Instant CarriedAt { get; set; } = new(long.MinValue);

        public Queue<(MessageKind Kind, Hello? Hello)> Inbox { get; } = [];

        /// <summary>Whether packets can be sent over it.</summary>
        public bool IsUsable => Stage == Stage.Open && HasHello && !IsRetired;
    }
}

using System;

namespace EdgeMesh.SimulationTests.Nodes;

/// <summary>What a pod sends: bursts of packets of one flow.</summary>
/// <param name="Flow">Its number.</param>
/// <param name="From">Node of the pod that sends.</param>
/// <param name="To">Node of the pod that gets.</param>
/// <param name="PacketBytes">Length of each packet.</param>
/// <param name="BurstPackets">Packets at once.</param>
/// <param name="Interval">From burst to burst.</param>
/// <param name="Start">First burst, since the scenario's start.</param>
/// <param name="Bursts">How many.</param>
/// <param name="IsAlone">
/// Whether nothing that happens touches its two nodes, nothing else goes its way, and the way carries twice as much:
/// whatever else its nodes send to others, what arrives of it arrives soon; and all of it, if packets come singly.
/// </param>
public sealed record FlowPlan(
    int Flow,
    int From,
    int To,
    int PacketBytes,
    int BurstPackets,
    TimeSpan Interval,
    TimeSpan Start,
    int Bursts,
    bool IsAlone)
{
    /// <summary>Packets of one datagram that was fragmented; 1: whole ones.</summary>
    public int Fragments { get; init; } = 1;

    /// <summary>Whether packets of all lengths up to <see cref="PacketBytes"/> take turns.</summary>
    public bool IsMixed { get; init; }

    /// <summary>Whether all of a burst must arrive, as the queue takes it.</summary>
    public bool IsWhole { get; init; }

    /// <summary>Bytes of one burst.</summary>
    public long BurstBytes => (long)PacketBytes * BurstPackets;

    /// <summary>Whether each packet must arrive: a queue may shorten a long burst.</summary>
    public bool MustArrive => IsAlone && (IsWhole || BurstPackets == 1);

    /// <summary>Length of a packet of a burst.</summary>
    public int BytesOf(int packet) => IsMixed && Fragments == 1
        ? LabelledPacket.BytesMin + (packet * 467 % (PacketBytes - LabelledPacket.BytesMin + 1))
        : PacketBytes;
}

using System.Diagnostics.CodeAnalysis;
using System.Threading;
using EdgeMesh.Packets;

namespace EdgeMesh.Tunnel.Workers;

/// <summary>A bounded ring with one thread that adds and one that takes; neither ever waits for the other.</summary>
internal sealed class HandoverRing
{
    /// <summary>Packets it holds, at most. A power of two, so that positions wrap by a mask.</summary>
    public const int Capacity = 1024;

    private readonly Packet?[] _packets = new Packet?[Capacity];
    private readonly int[] _tags = new int[Capacity];
    private uint _added; // written by the adder
    private uint _taken; // written by the taker

    // Compile-time assertion: -1 does not fit a byte, so a false condition fails the build.
    internal const byte CapacityIsPowerOfTwo = (Capacity & (Capacity - 1)) == 0 ? 0 : -1;

    /// <summary>Adds a packet and a number that travels with it.</summary>
    /// <returns>False, with nothing changed, if the ring is full.</returns>
    public bool TryAdd(Packet packet, int tag)
    {
        uint at = _added;
        if (unchecked(at - Volatile.Read(ref _taken)) >= Capacity)
        {
            return false;
        }

        _packets[at & (Capacity - 1)] = packet;
        _tags[at & (Capacity - 1)] = tag;
        Volatile.Write(ref _added, unchecked(at + 1));
        return true;
    }

    /// <summary>Takes the oldest packet and its number.</summary>
    public bool TryTake([NotNullWhen(true)] out Packet? packet, out int tag)
    {
        uint at = _taken;
        if (at == Volatile.Read(ref _added))
        {
            packet = null;
            tag = 0;
            return false;
        }

        packet = _packets[at & (Capacity - 1)]!;
        tag = _tags[at & (Capacity - 1)];
        _packets[at & (Capacity - 1)] = null;
        Volatile.Write(ref _taken, unchecked(at + 1));
        return true;
    }
}

using System;
using System.Threading.Tasks;
using EdgeMesh.Packets;

namespace EdgeMesh.Underlay;

/// <summary>
/// Where packets of the overlay enter and leave: one queue of a TUN device, or a link of the simulator.
/// </summary>
/// <remarks>
/// Belongs to one loop's thread. Packets that are read come from the pool that the device was opened with, or are
/// counted where the pool had no slot.
/// </remarks>
public abstract class PacketDevice : IDisposable
{
    /// <summary>Which unfinished packets it takes and gives.</summary>
    public abstract DeviceOffloads Offloads { get; }

    /// <summary>Packets that were read and found no slot in the pool, so far.</summary>
    public abstract long PoolExhausted { get; }

    /// <summary>Waits until there are packets, and reads them. One read at a time.</summary>
    /// <param name="batch">
    /// Gets the packets in their order, at most <see cref="Limits.BatchPackets"/>; the caller owns them.
    /// </param>
    /// <returns>
    /// How many came; 0: none that found a slot, look at <see cref="PoolExhausted"/>; negative: the device was closed.
    /// </returns>
    /// <exception cref="System.IO.IOException">The device is gone; the message names cause and remedy.</exception>
    public abstract ValueTask<int> ReadAsync(Packet[] batch);

    /// <summary>Writes a packet with its offload header; takes ownership. The device has it after the flush.</summary>
    public abstract void Write(Packet packet);

    /// <summary>Writes a packet that stays the caller's.</summary>
    /// <param name="offloadHeader">10 bytes, or none for a finished packet.</param>
    /// <param name="packet">Pinned memory, unchanged until <see cref="Flush"/> returns.</param>
    public abstract void WriteBorrowed(ReadOnlySpan<byte> offloadHeader, ReadOnlySpan<byte> packet);

    /// <summary>Gives everything written to the device.</summary>
    /// <returns>How many packets it refused since the last call; one that was put together counts by its parts.
    /// </returns>
    public abstract int Flush();

    /// <summary>Closes the device, on its loop's thread. A read that waits ends.</summary>
    public abstract void Dispose();
}

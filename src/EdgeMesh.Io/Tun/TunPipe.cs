using System;
using System.IO.Pipelines;
using EdgeMesh.Packets;
using EdgeMesh.Underlay;

namespace EdgeMesh.Io.Tun;

/// <summary>A packet device as a pipe, one segment a packet. The device stays its owner's.</summary>
/// <remarks>
/// For whoever speaks pipes. The packet path takes batches from the device itself, and owns its packets. As with the
/// device, everything is on its loop's thread, and only one reads.
/// </remarks>
public sealed class TunPipe : IDuplexPipe
{
    /// <summary>Makes a pipe of a device.</summary>
    /// <param name="loop">The device's.</param>
    /// <param name="device">Nobody else reads from it.</param>
    /// <param name="pool">Where packets that are written lie until they are flushed.</param>
    public TunPipe(Loop loop, PacketDevice device, PacketPool pool)
    {
        ArgumentNullException.ThrowIfNull(loop);
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(pool);
        Input = new TunPipeReader(loop, device);
        Output = new TunPipeWriter(device, pool);
    }

    /// <summary>Packets that come from the device: each a segment, in pinned memory that may be written to.</summary>
    public PipeReader Input { get; }

    /// <summary>Packets for the device: one is what was written before a flush.</summary>
    public PipeWriter Output { get; }
}

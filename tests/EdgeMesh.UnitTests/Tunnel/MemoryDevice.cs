using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using System.Threading.Tasks.Sources;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;
using EdgeMesh.Underlay;
using EdgeMesh.UnitTests.Forwarding.Pipeline;
using Xunit;

namespace EdgeMesh.UnitTests.Tunnel;

/// <summary>A packet device in memory, with all offloads. A packet costs it no allocation.</summary>
/// <param name="pool">Where packets that are read come from.</param>
internal sealed class MemoryDevice(PacketPool pool) : PacketDevice, IValueTaskSource<int>
{
    private ManualResetValueTaskSourceCore<int> _read;
    private Packet[] _batch = [];

    public override DeviceOffloads Offloads => DeviceOffloads.Checksum | DeviceOffloads.Tcp | DeviceOffloads.Udp;

    public override long PoolExhausted => 0;

    /// <summary>Writes to it.</summary>
    public int Writes { get; private set; }

    /// <summary>Packets in them, super-packets counted by their segments.</summary>
    public int WrittenPackets { get; private set; }

    /// <summary>If set: the packets that it got, in order, super-packets cut.</summary>
    public List<byte[]>? Written { get; set; }

    /// <summary>Gives a packet to who reads.</summary>
    public void Feed(ReadOnlySpan<byte> bytes, OffloadHeader offload)
    {
        Assert.True(pool.TryRent(Limits.PacketBytesMax, out Packet? packet));
        packet.SetLength(bytes.Length);
        bytes.CopyTo(packet.Bytes);
        offload.Write(packet.OffloadHeader);
        _batch[0] = packet;
        _read.SetResult(1);
    }

    public override ValueTask<int> ReadAsync(Packet[] batch)
    {
        _batch = batch;
        _read.Reset();
        return new ValueTask<int>(this, _read.Version);
    }

    public override void Write(Packet packet)
    {
        Count(OffloadHeader.Read(packet.OffloadHeader), packet.Bytes);
        packet.Dispose();
    }

    public override void WriteBorrowed(ReadOnlySpan<byte> offloadHeader, ReadOnlySpan<byte> packet) =>
        Count(offloadHeader.IsEmpty ? default : OffloadHeader.Read(offloadHeader), packet);

    public override int Flush() => 0;

    public override void Dispose()
    {
    }

    public int GetResult(short token) => _read.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _read.GetStatus(token);

    public void OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _read.OnCompleted(continuation, state, token, flags);

    private void Count(OffloadHeader offload, ReadOnlySpan<byte> packet)
    {
        int payload = packet.Length - offload.HeaderLength;
        Writes++;
        WrittenPackets += offload.RawType == 0 ? 1 : (payload + offload.SegmentSize - 1) / offload.SegmentSize;
        Written?.AddRange(FlowMixture.Cut(packet.ToArray(), offload));
    }
}

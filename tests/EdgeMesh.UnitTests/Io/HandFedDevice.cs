using System;
using System.Collections.Generic;
using System.IO;
using System.Threading.Tasks;
using EdgeMesh.Packets;
using EdgeMesh.Underlay;

namespace EdgeMesh.UnitTests.Io;

/// <summary>A packet device that the test fills and empties.</summary>
internal sealed class HandFedDevice(PacketPool pool) : PacketDevice
{
    private TaskCompletionSource<int>? _reader;
    private Packet[] _batch = [];

    public override DeviceOffloads Offloads => DeviceOffloads.None;

    public override long PoolExhausted => 0;

    public bool IsRead => _reader is { Task.IsCompleted: false };

    public List<byte[]> Written { get; } = [];

    public int Flushes { get; private set; }

    /// <summary>Brings packets of these contents to whoever reads.</summary>
    public void Feed(params byte[][] packets)
    {
        for (int i = 0; i < packets.Length; i++)
        {
            _ = pool.TryRent(packets[i].Length, out Packet? packet);
            packets[i].CopyTo(packet!.Bytes);
            _batch[i] = packet;
        }

        _reader!.SetResult(packets.Length);
    }

    public void Fail(IOException exception) => _reader!.SetException(exception);

    public override ValueTask<int> ReadAsync(Packet[] batch)
    {
        _batch = batch;
        _reader = new TaskCompletionSource<int>();
        return new ValueTask<int>(_reader.Task);
    }

    public override void Write(Packet packet)
    {
        Written.Add(packet.Bytes.ToArray());
        packet.Dispose();
    }

    public override void WriteBorrowed(ReadOnlySpan<byte> offloadHeader, ReadOnlySpan<byte> packet) =>
        Written.Add(packet.ToArray());

    public override int Flush()
    {
        Flushes++;
        return 0;
    }

    public override void Dispose() => _reader?.TrySetResult(-1);
}

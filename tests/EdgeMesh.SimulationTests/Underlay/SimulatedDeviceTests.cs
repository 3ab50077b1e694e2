using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using EdgeMesh.Packets;
using Xunit;

namespace EdgeMesh.SimulationTests.Underlay;

/// <summary>The simulated device drops, refuses and counts as a TUN does.</summary>
public sealed class SimulatedDeviceTests
{
    private readonly List<byte[]> _delivered = [];
    private readonly SimulatedPair _pair = new(1);
    private readonly PacketPool _pool = new(4 * Limits.BlockBytes);

    [Fact]
    public void Packets_are_read_in_order_in_batches()
    {
        SimulatedDevice device = Open();
        var read = new List<byte>();
        _pair.On(_pair.NearLoop, async () =>
        {
            var batch = new Packet[Limits.BatchPackets];
            while (await device.ReadAsync(batch) is var count and >= 0)
            {
                for (int i = 0; i < count; i++)
                {
                    read.Add(batch[i].Bytes[0]);
                    batch[i].Dispose();
                }
            }
        });
        for (byte i = 0; i < 90; i++)
        {
            Assert.True(device.Inject([i, 1, 2]));
            _pair.World.RunFor(TimeSpan.FromMicroseconds(i % 7));
        }

        _pair.World.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(90, read.Count);
        Assert.Equal(90, device.Read - device.PoolExhausted);
        for (byte i = 0; i < 90; i++)
        {
            Assert.Equal(i, read[i]);
        }
    }

    [Fact]
    public void A_full_queue_drops_and_counts()
    {
        SimulatedDevice device = Open();
        for (int i = 0; i < 150; i++)
        {
            device.Inject([1]);
        }

        Assert.Equal(100, device.QueuedPackets);
        Assert.Equal(50, device.TailDropped);
    }

    [Fact]
    public void Packets_without_a_slot_are_counted()
    {
        SimulatedDevice device = Open();
        int kept = 0;
        _pair.On(_pair.NearLoop, async () =>
        {
            var batch = new Packet[Limits.BatchPackets];
            while (await device.ReadAsync(batch) is var count and >= 0)
            {
                kept += count; // and never given back
            }
        });
        for (int i = 0; i < 90; i++)
        {
            device.Inject(new byte[9000]);
        }

        _pair.World.RunFor(TimeSpan.FromSeconds(1));
        Assert.True(device.PoolExhausted > 0);
        Assert.Equal(90, kept + device.PoolExhausted);
    }

    [Fact]
    public void Refused_packets_are_told_by_the_flush()
    {
        SimulatedDevice device = Open();
        device.Refusal = 0.5;
        int refused = 0;
        _pair.On(_pair.NearLoop, () =>
        {
            for (int i = 0; i < 100; i++)
            {
                device.WriteBorrowed([], [1]);
            }

            refused = device.Flush();
            return Task.CompletedTask;
        });
        _pair.World.RunFor(TimeSpan.FromSeconds(1));
        Assert.InRange(refused, 20, 80);
        Assert.Equal(100, refused + _delivered.Count);
    }

    private SimulatedDevice Open() => new(_pair.NearLoop, _pool, 100, _delivered.Add);
}

using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Tunnel.Workers;
using EdgeMesh.Packets;
using Xunit;

namespace EdgeMesh.UnitTests.Tunnel.Workers;

public sealed class HandoverRingTests
{
    private static Packet OnePacket()
    {
        Assert.True(new PacketPool(1 << 20).TryRent(100, out Packet? packet));
        return packet;
    }

    [Fact]
    public void Full_ring_refuses_and_takes_again_once_one_left()
    {
        Packet packet = OnePacket();
        HandoverRing ring = new();
        for (int i = 0; i < HandoverRing.Capacity; i++)
        {
            Assert.True(ring.TryAdd(packet, i));
        }

        Assert.False(ring.TryAdd(packet, -1));
        Assert.True(ring.TryTake(out _, out int first));
        Assert.Equal(0, first);
        Assert.True(ring.TryAdd(packet, HandoverRing.Capacity));
        for (int i = 1; i <= HandoverRing.Capacity; i++)
        {
            Assert.True(ring.TryTake(out _, out int tag));
            Assert.Equal(i, tag);
        }

        Assert.False(ring.TryTake(out _, out _));
        packet.Dispose();
    }

    [Fact]
    public async Task Two_threads_see_every_packet_once_and_in_order()
    {
        const int Count = 200_000;
        Packet packet = OnePacket();
        HandoverRing ring = new();
        Task adder = Task.Run(() =>
        {
            SpinWait spin = default;
            for (int i = 0; i < Count; i++)
            {
                while (!ring.TryAdd(packet, i))
                {
                    spin.SpinOnce();
                }
            }
        });
        SpinWait wait = default;
        for (int expected = 0; expected < Count; expected++)
        {
            int tag;
            while (!ring.TryTake(out _, out tag))
            {
                wait.SpinOnce();
            }

            Assert.Equal(expected, tag);
        }

        await adder;
        packet.Dispose();
    }
}

using System;
using System.Collections.Generic;
using EdgeMesh.Packets;
using Xunit;

namespace EdgeMesh.UnitTests.Packets;

public sealed class PacketPoolTests
{
    private const int Mebibyte = 1 << 20;

    [Fact]
    public void Rented_packet_is_empty_of_what_was_there_before()
    {
        var pool = new PacketPool(Mebibyte);
        Packet packet = Rent(pool, 100);
        packet.OffloadHeader.Fill(7);
        packet.IsOffloaded = true;
        packet.FlowHash = 9;
        packet.Dispose();

        Packet again = Rent(pool, 50);
        Assert.Same(packet, again);
        Assert.Equal(50, again.Length);
        Assert.Equal(0u, again.FlowHash);
        Assert.False(again.IsOffloaded);
        Assert.Equal(-1, again.OffloadHeader.IndexOfAnyExcept((byte)0));
        again.Dispose();
        Assert.Equal(0, pool.RentedBytes);
    }

    [Fact]
    public void Large_slots_leave_their_share_to_small_ones()
    {
        var pool = new PacketPool(Mebibyte);
        List<Packet> large = RentAll(pool, Limits.PacketBytesMax);
        Assert.InRange(large.Count * Limits.LargeSlotBytes, Mebibyte / 2, Mebibyte * 3 / 4);
        List<Packet> small = RentAll(pool, 100);
        Assert.InRange(small.Count * Limits.SmallSlotBytes, Mebibyte / 4 - Limits.SmallSlotBytes, Mebibyte / 2);
        Assert.True(pool.MadeBytes <= Mebibyte);
    }

    [Fact]
    public void Small_slots_leave_their_share_to_large_ones()
    {
        var pool = new PacketPool(Mebibyte);
        List<Packet> small = RentAll(pool, 100);
        Assert.InRange(small.Count * Limits.SmallSlotBytes, Mebibyte / 4, Mebibyte / 2);
        Assert.True(RentAll(pool, Limits.PacketBytesMax).Count >= 7);
        Assert.True(pool.MadeBytes <= Mebibyte);
    }

    [Fact]
    public void Smallest_pool_has_one_slot_of_each_size()
    {
        var pool = new PacketPool(Limits.LargeSlotBytes + Limits.SmallSlotBytes);
        Assert.Single(RentAll(pool, 100));
        Assert.Single(RentAll(pool, Limits.PacketBytesMax));
        Assert.Equal(2, pool.Exhausted);
    }

    [Fact]
    public void Shrinking_moves_a_short_packet_with_all_that_belongs_to_it()
    {
        var pool = new PacketPool(Mebibyte);
        Packet large = Rent(pool, Limits.PacketBytesMax);
        large.SetLength(3);
        new byte[] { 1, 2, 3 }.CopyTo(large.Bytes);
        large.OffloadHeader[9] = 5;
        large.IsOffloaded = true;
        large.FlowHash = 77;
        Packet small = pool.Shrink(large);
        Assert.Equal(Limits.SmallSlotBytes, small.SlotBytes);
        Assert.Equal([1, 2, 3], small.Bytes.ToArray());
        Assert.Equal(5, small.OffloadHeader[9]);
        Assert.True(small.IsOffloaded);
        Assert.Equal(77u, small.FlowHash);
        Assert.Same(small, pool.Shrink(small));
        Assert.Equal(Limits.SmallSlotBytes, pool.RentedBytes);
        small.Dispose();
    }

    [Fact]
    public void Shrinking_keeps_a_long_packet_and_one_that_finds_no_slot()
    {
        var pool = new PacketPool(Mebibyte);
        Packet large = Rent(pool, Limits.SmallPacketBytesMax + 1);
        Assert.Same(large, pool.Shrink(large));
        List<Packet> small = RentAll(pool, 1);
        long exhausted = pool.Exhausted;
        large.SetLength(10);
        Assert.Same(large, pool.Shrink(large));
        Assert.Equal(exhausted, pool.Exhausted);
        Assert.NotEmpty(small);
    }

    [Fact]
    public void Renting_and_returning_allocates_nothing()
    {
        var pool = new PacketPool(Mebibyte);
        Rent(pool, 100).Dispose();
        Assert.Equal(0, AllocatedBytes.InEachRun(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                Rent(pool, 100).Dispose();
            }
        }));
    }

#if DEBUG
    [Fact]
    public void Forgotten_packet_is_found_and_its_renter_named()
    {
        var pool = new PacketPool(Mebibyte);
        Forget(pool);
        for (int tries = 0; tries < 10 && pool.Leaked == 0; tries++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Equal(1, pool.Leaked);
        Assert.Equal(nameof(Forget), pool.LastLeak);
    }

    [Fact]
    public void Returned_packet_is_poisoned()
    {
        var pool = new PacketPool(Mebibyte);
        Packet packet = Rent(pool, 4);
        Memory<byte> slot = packet.Slot;
        packet.Dispose();
        Assert.Equal(-1, slot.Span.IndexOfAnyExcept(PacketPool.PoisonByte));
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void Forget(PacketPool pool)
    {
        Assert.True(pool.TryRent(10, out Packet? packet));
        Assert.Equal(10, packet.Length);
    }
#endif

    private static Packet Rent(PacketPool pool, int length)
    {
        Assert.True(pool.TryRent(length, out Packet? packet));
        return packet;
    }

    private static List<Packet> RentAll(PacketPool pool, int length)
    {
        var packets = new List<Packet>();
        while (pool.TryRent(length, out Packet? packet))
        {
            packets.Add(packet);
        }

        return packets;
    }
}

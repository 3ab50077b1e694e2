using System;
using System.Collections.Generic;
using System.Linq;
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
        packet.DatagramId = 8;
        packet.Dispose();

        Packet again = Rent(pool, 50);
        Assert.Same(packet, again);
        Assert.Equal(50, again.Length);
        Assert.Equal((0u, 0u), (again.FlowHash, again.DatagramId));
        Assert.False(again.IsOffloaded);
        Assert.Equal(-1, again.OffloadHeader.IndexOfAnyExcept((byte)0));
        again.Dispose();
        Assert.Equal(0, pool.RentedBytes);
    }

    [Fact]
    public void Large_slots_leave_a_block_to_small_ones()
    {
        var pool = new PacketPool(Mebibyte);
        List<Packet> large = RentAll(pool, Limits.PacketBytesMax);
        Assert.Equal((Mebibyte / Limits.BlockBytes) - 1, large.Count);
        Assert.Equal(Limits.BlockBytes / Limits.SmallSlotBytes, RentAll(pool, 100).Count);
    }

    [Fact]
    public void Small_slots_leave_their_share_to_large_ones()
    {
        var pool = new PacketPool(Mebibyte);
        List<Packet> small = RentAll(pool, 100);
        Assert.InRange(small.Count * Limits.SmallSlotBytes, Mebibyte / 2, Mebibyte * 3 / 4);
        int large = RentAll(pool, Limits.PacketBytesMax).Count;
        Assert.InRange(large * Limits.BlockBytes, Mebibyte / 8, Mebibyte / 2);
    }

    [Fact]
    public void Middling_packets_leave_small_slots_their_share()
    {
        var pool = new PacketPool(Mebibyte);
        Assert.NotEmpty(RentAll(pool, Limits.MediumPacketBytesMax));
        Assert.True(pool.TryRent(100, out _));
    }

    [Fact]
    public void Smallest_pool_has_a_block_for_small_slots_and_one_for_large()
    {
        var pool = new PacketPool(2 * Limits.BlockBytes);
        Assert.Equal(Limits.BlockBytes / Limits.SmallSlotBytes, RentAll(pool, 100).Count);
        Assert.Single(RentAll(pool, Limits.PacketBytesMax));
        Assert.Equal(2, pool.Exhausted);
    }

    [Fact]
    public void A_packet_of_middling_length_takes_a_medium_slot_or_else_a_large_one()
    {
        var pool = new PacketPool(3 * Limits.BlockBytes);
        List<Packet> packets = RentAll(pool, Limits.MediumPacketBytesMax);
        Assert.Equal(
            [.. Enumerable.Repeat(Limits.MediumSlotBytes, 4), Limits.LargeSlotBytes],
            packets.Select(packet => packet.SlotBytes));
    }

    [Fact]
    public void Blocks_whose_slots_are_back_are_cut_anew()
    {
        var pool = new PacketPool(Mebibyte);
        int large = RentAndReturn(pool, Limits.PacketBytesMax);
        int small = RentAndReturn(pool, 100);
        int medium = RentAndReturn(pool, Limits.MediumPacketBytesMax);
        for (int round = 0; round < 3; round++)
        {
            Assert.Equal(small, RentAndReturn(pool, 100));
            Assert.Equal(medium, RentAndReturn(pool, Limits.MediumPacketBytesMax));
            Assert.Equal(large, RentAndReturn(pool, Limits.PacketBytesMax));
        }

        Assert.Equal(0, pool.RentedBytes);
    }

    [Fact]
    public void No_two_packets_share_a_byte_whatever_is_rented_and_returned()
    {
        var random = new Random(7);
        var pool = new PacketPool(Mebibyte);
        var held = new List<(Packet Packet, byte Mark)>();
        for (int step = 0; step < 20_000; step++)
        {
            bool isFilling = step / 500 % 2 == 0;
            if (random.Next(3) < (isFilling ? 2 : 1))
            {
                int lengthMax = random.Next(3) switch { 0 => 2000, 1 => 16_000, _ => Limits.PacketBytesMax };
                if (pool.TryRent(random.Next(lengthMax) + 1, out Packet? packet))
                {
                    byte mark = (byte)random.Next(PacketPool.PoisonByte);
                    packet.Slot.Span[0] = mark;
                    packet.Slot.Span[^1] = mark;
                    packet.Bytes[^1] = mark;
                    held.Add((packet, mark));
                }
            }
            else if (held.Count > 0)
            {
                int index = random.Next(held.Count);
                (Packet packet, byte mark) = held[index];
                held[index] = held[^1];
                held.RemoveAt(held.Count - 1);
                Assert.Equal((mark, mark), (packet.Slot.Span[0], packet.Slot.Span[^1]));
                Assert.Equal(mark, packet.Bytes[^1]);
                packet.Dispose();
            }

            Assert.Equal(held.Sum(lent => (long)lent.Packet.SlotBytes), pool.RentedBytes);
            Assert.True(pool.RentedBytes <= pool.BytesMax);
        }
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
        large.DatagramId = 78;
        Packet small = pool.Shrink(large);
        Assert.Equal(Limits.SmallSlotBytes, small.SlotBytes);
        Assert.Equal([1, 2, 3], small.Bytes.ToArray());
        Assert.Equal(5, small.OffloadHeader[9]);
        Assert.True(small.IsOffloaded);
        Assert.Equal((77u, 78u), (small.FlowHash, small.DatagramId));
        Assert.Same(small, pool.Shrink(small));
        Assert.Equal(Limits.SmallSlotBytes, pool.RentedBytes);
        small.Dispose();
    }

    [Fact]
    public void Shrinking_copies_a_middling_packet_only_when_large_slots_are_scarce()
    {
        var pool = new PacketPool(Mebibyte);
        Packet packet = Rent(pool, Limits.PacketBytesMax);
        packet.SetLength(Limits.MediumPacketBytesMax);
        packet.Bytes[^1] = 9;
        Assert.Same(packet, pool.Shrink(packet));
        Packet[] large = [.. Enumerable.Range(0, 6).Select(_ => Rent(pool, Limits.PacketBytesMax))];
        Packet medium = pool.Shrink(packet);
        Assert.Equal(Limits.MediumSlotBytes, medium.SlotBytes);
        Assert.Equal(9, medium.Bytes[^1]);
        Assert.Same(large[0], pool.Shrink(large[0]));
    }

    [Fact]
    public void Shrinking_keeps_a_long_packet_and_one_that_finds_no_slot()
    {
        var pool = new PacketPool(Mebibyte);
        Packet large = Rent(pool, Limits.MediumPacketBytesMax + 1);
        Assert.Same(large, pool.Shrink(large));
        List<Packet> small = RentAll(pool, 1);
        long exhausted = pool.Exhausted;
        large.SetLength(10);
        Assert.Same(large, pool.Shrink(large));
        Assert.Equal(exhausted, pool.Exhausted);
        Assert.NotEmpty(small);
    }

    [Fact]
    public void One_packet_that_waits_keeps_its_whole_block()
    {
        var pool = new PacketPool(8 * Limits.BlockBytes);
        List<Packet> packets = [.. Enumerable.Range(0, 2 * 32).Select(_ => Rent(pool, 100))];
        packets.ForEach(packet => packet.BeginWaiting());
        Assert.Equal(2, pool.WaitingBlocks);
        Packet last = packets[40];
        packets.Remove(last);
        packets.ForEach(packet =>
        {
            packet.EndWaiting();
            packet.Dispose();
        });
        Packet large = Rent(pool, Limits.PacketBytesMax);
        Assert.Equal((1, 6), (pool.WaitingBlocks, pool.WaitingBlocksMax));
        Assert.Equal(5 * Limits.BlockBytes, pool.BytesFreeFor(large));
        Assert.Equal((5 * Limits.BlockBytes) + (31 * Limits.SmallSlotBytes), pool.BytesFreeFor(last));
        Assert.Equal(4 * Limits.BlockBytes, pool.SharedBytesFreeFor(large));
        last.EndWaiting();
        Assert.Equal(0, pool.WaitingBlocks);
        last.Dispose();
        large.Dispose();
    }

    [Fact]
    public void Room_to_wait_ends_where_the_spare_and_the_readers_share_begin()
    {
        var pool = new PacketPool(8 * Limits.BlockBytes);
        List<Packet> packets = [.. Enumerable.Range(0, 6).Select(_ => Rent(pool, Limits.PacketBytesMax))];
        packets.Take(5).ToList().ForEach(packet => packet.BeginWaiting());
        Assert.False(pool.HasRoomToWait(packets[5], mayTakeSpare: false));
        Assert.True(pool.HasRoomToWait(packets[5], mayTakeSpare: true));
        packets[5].BeginWaiting();
        Packet next = Rent(pool, Limits.PacketBytesMax);
        Assert.False(pool.HasRoomToWait(next, mayTakeSpare: true));
        Assert.Equal(0, pool.BytesFreeFor(next));
    }

    // However the slots that wait are spread, the reader gets one, and what it read finds a slot that fits.
    [Fact]
    public void Reader_gets_its_slots_whatever_waits()
    {
        var random = new Random(3);
        var pool = new PacketPool(Mebibyte);
        var waiting = new List<Packet>();
        for (int step = 0; step < 20_000; step++)
        {
            Packet packet = Rent(pool, Limits.PacketBytesMax);
            packet.SetLength(random.Next(3) switch { 0 => 100, 1 => 9000, _ => 60_000 });
            packet = pool.Shrink(packet);
            Assert.True(packet.Length > Limits.SmallPacketBytesMax || packet.SlotBytes == Limits.SmallSlotBytes
                || pool.WaitingBlocks == pool.WaitingBlocksMax);
            if (pool.HasRoomToWait(packet, mayTakeSpare: true))
            {
                packet.BeginWaiting();
                waiting.Add(packet);
            }
            else
            {
                packet.Dispose();
                for (int i = random.Next(20); i > 0 && waiting.Count > 0; i--)
                {
                    Packet gone = waiting[random.Next(waiting.Count)];
                    waiting.Remove(gone);
                    gone.EndWaiting();
                    gone.Dispose();
                }
            }

            Assert.True(pool.WaitingBlocks <= pool.WaitingBlocksMax);
        }
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

    private static int RentAndReturn(PacketPool pool, int length)
    {
        List<Packet> packets = RentAll(pool, length);
        packets.ForEach(packet => packet.Dispose());
        return packets.Count;
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

using System;
using System.Collections.Generic;
using CsCheck;
using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;
using EdgeMesh.UnitTests.Packets;
using Xunit;

namespace EdgeMesh.UnitTests.Forwarding.Capsules;

public sealed class CapsuleTests
{
    private readonly PacketPool _pool = new(4 << 20);

    [Fact]
    public void Any_split_gives_the_same_capsules()
    {
        Gen<(CapsuleType, byte[])> capsule = Gen.Select(
            Gen.Int[0, 6], Gen.Byte.Array[0, 200], (type, value) => ((CapsuleType)type, value));
        Gen.Select(capsule.Array[0, 8], Gen.Int[1, 300].Array[1, 20]).Sample(
            (capsules, splits) =>
            {
                var stream = new List<byte>();
                var expected = new List<(CapsuleType, string)>();
                foreach ((CapsuleType type, byte[] value) in capsules)
                {
                    stream.AddRange(Encode(type, value));
                    bool isPacket = type is CapsuleType.Packet or CapsuleType.OffloadedPacket;
                    if (isPacket || (type <= CapsuleType.Drain && value.Length <= 64))
                    {
                        expected.Add((type, Convert.ToHexString(value)));
                    }
                }

                List<(CapsuleType, string)> read = ReadInPieces([.. stream], splits, new PacketPool(1 << 20));

                // A long capsule of a short type is given if it lies whole in the bytes, and skipped if not.
                read.RemoveAll(found => found.Item1 is >= CapsuleType.Probe && found.Item2.Length > 2 * 64);
                Assert.Equal(expected, read);
            },
            iter: 300,
            threads: 1);
    }

    [Fact]
    public void Whole_capsule_is_given_where_it_lies()
    {
        byte[] bytes = Encode(CapsuleType.Packet, [1, 2, 3]);
        using var reader = new CapsuleReader(_pool);
        Span<byte> data = bytes;
        Assert.Equal(CapsuleStatus.Complete, reader.Read(ref data, out CapsuleView capsule));
        Assert.Null(capsule.Packet);
        capsule.Value[0] = 9;
        Assert.Equal(9, bytes[4]);
        Assert.Equal(CapsuleStatus.NeedMore, reader.Read(ref data, out _));
        Assert.False(reader.IsInsideCapsule);
    }

    [Fact]
    public void Spanning_packet_arrives_in_a_slot_with_its_offload_header()
    {
        byte[] packet = SamplePackets.Udp4(1000);
        OffloadHeader offload = SamplePackets.MakePartial(packet);
        byte[] value = [.. new byte[10], .. packet];
        offload.Write(value);
        byte[] bytes = Encode(CapsuleType.OffloadedPacket, value);
        using var reader = new CapsuleReader(_pool);
        Span<byte> first = bytes.AsSpan(0, 7);
        Span<byte> second = bytes.AsSpan(7);
        Assert.Equal(CapsuleStatus.NeedMore, reader.Read(ref first, out _));
        Assert.True(reader.IsInsideCapsule);
        Assert.Equal(CapsuleStatus.Complete, reader.Read(ref second, out CapsuleView capsule));
        Assert.NotNull(capsule.Packet);
        Assert.True(capsule.Packet.IsOffloaded);
        Assert.Equal(packet, capsule.Packet.Bytes.ToArray());
        Assert.Equal(offload, OffloadHeader.Read(capsule.Packet.OffloadHeader));
        Assert.Equal(value, capsule.Value.ToArray());
        capsule.Packet.Dispose();
        Assert.Equal(0, _pool.RentedBytes);
    }

    [Fact]
    public void Unfinished_packet_goes_back_to_the_pool()
    {
        var reader = new CapsuleReader(_pool);
        Span<byte> data = Encode(CapsuleType.Packet, new byte[100]).AsSpan(0, 50);
        Assert.Equal(CapsuleStatus.NeedMore, reader.Read(ref data, out _));
        Assert.NotEqual(0, _pool.RentedBytes);
        reader.Dispose();
        Assert.Equal(0, _pool.RentedBytes);
    }

    [Fact]
    public void Packet_without_slot_is_skipped_and_the_next_one_read()
    {
        var pool = new PacketPool(2 * Limits.BlockBytes);
        List<Packet> hogs = [];
        while (pool.TryRent(1, out Packet? hog))
        {
            hogs.Add(hog);
        }

        using var reader = new CapsuleReader(pool);
        byte[] bytes = [.. Encode(CapsuleType.Packet, new byte[100]), .. Encode(CapsuleType.Packet, [5])];
        Span<byte> first = bytes.AsSpan(0, 20);
        Span<byte> second = bytes.AsSpan(20);
        Assert.Equal(CapsuleStatus.PoolExhausted, reader.Read(ref first, out _));
        Assert.Equal(CapsuleStatus.NeedMore, reader.Read(ref first, out _));
        Assert.Equal(CapsuleStatus.Complete, reader.Read(ref second, out CapsuleView capsule));
        Assert.Equal([5], capsule.Value.ToArray());
        hogs.ForEach(hog => hog.Dispose());
    }

    [Theory]
    [InlineData(CapsuleType.Packet, Limits.PacketBytesMax + 1)]
    [InlineData(CapsuleType.OffloadedPacket, Limits.CapsuleBytesMax + 1)]
    [InlineData((CapsuleType)0x77, Limits.CapsuleBytesMax + 1)]
    public void Too_long_a_capsule_ends_the_stream(CapsuleType type, int length)
    {
        using var reader = new CapsuleReader(_pool);
        Span<byte> data = [(byte)type, (byte)(length >> 16), (byte)((length >> 8) & 0xFF), (byte)(length & 0xFF), 0];
        Assert.Equal(CapsuleStatus.TooLong, reader.Read(ref data, out _));
    }

    [Fact]
    public void Plain_packet_is_framed_where_it_lies_and_again()
    {
        byte[] bytes = SamplePackets.Udp4(20);
        Packet packet = SamplePackets.Rent(_pool, bytes);
        for (int times = 0; times < 2; times++)
        {
            Span<byte> frame = Capsule.Frame(packet);
            Assert.Equal(12 + 4 + bytes.Length, frame.Length);
            Assert.Equal(Capsule.SizeOf(packet), frame.Length - 12);
            Assert.Equal(Encode(CapsuleType.Packet, bytes), frame[12..].ToArray());
            frame[..12].Fill(0xEE); // the connection writes its header, which overwrites the offload header
        }

        packet.Dispose();
    }

    [Fact]
    public void Offloaded_packet_is_framed_with_its_header()
    {
        byte[] bytes = SamplePackets.Udp4(20);
        Packet packet = SamplePackets.Rent(_pool, bytes, SamplePackets.MakePartial(bytes));
        bytes = packet.Bytes.ToArray();
        byte[] value = [.. packet.OffloadHeader, .. bytes];
        Span<byte> frame = Capsule.Frame(packet);
        Assert.Equal(Encode(CapsuleType.OffloadedPacket, value), frame[12..].ToArray());
        Assert.Equal(Capsule.SizeOf(packet), frame.Length - 12);
        packet.Dispose();
    }

    [Fact]
    public void Longest_packet_is_cut_into_frames_that_join_to_its_capsule()
    {
        Assert.True(_pool.TryRent(Limits.PacketBytesMax, out Packet? packet));
        for (int i = 0; i < packet.Length; i++)
        {
            packet.Bytes[i] = (byte)((i * 7) & 0xFF);
        }

        packet.IsOffloaded = true;
        packet.OffloadHeader.Fill(3);
        byte[] expected = Encode(CapsuleType.OffloadedPacket, packet.WithHeadroom(10).ToArray());
        Span<byte> rest = Capsule.Frame(packet);
        var payload = new List<byte>();
        int frames = 0;
        while (!rest.IsEmpty)
        {
            Span<byte> frame = Capsule.TakeFrame(ref rest);
            Assert.InRange(frame.Length, 13, 65519);
            payload.AddRange(frame[12..].ToArray());
            frame.Clear(); // written and gone, before the next one is touched
            if (!rest.IsEmpty)
            {
                rest[..12].Fill(0xEE);
            }

            frames++;
        }

        Assert.Equal(2, frames);
        Assert.Equal(expected, payload);
        packet.Dispose();
    }

    [Fact]
    public void Batch_gathers_capsules_behind_the_room_for_a_frame_header()
    {
        var batch = new CapsuleBatch();
        byte[] plain = SamplePackets.Udp4(20);
        byte[] partial = SamplePackets.Tcp4(30, 1);
        Packet first = SamplePackets.Rent(_pool, plain);
        Packet second = SamplePackets.Rent(_pool, partial, SamplePackets.MakePartial(partial));
        Assert.True(batch.TryAdd(first));
        Assert.True(batch.TryAdd(second));
        Assert.True(batch.TryAdd(CapsuleType.Drain, []));
        byte[] expected =
        [
            .. Encode(CapsuleType.Packet, plain),
            .. Encode(CapsuleType.OffloadedPacket, second.WithHeadroom(10).ToArray()),
            .. Encode(CapsuleType.Drain, []),
        ];
        Assert.Equal(expected, batch.Frame[12..].ToArray());
        Assert.Equal(expected.Length, batch.PayloadBytes);
        Assert.Equal(3, batch.Count);
        Assert.False(batch.TryAdd(CapsuleType.Packet, new byte[batch.FreeBytes - 3]));
        Assert.True(batch.TryAdd(CapsuleType.Packet, new byte[batch.FreeBytes - 4]));
        Assert.Equal(65519, batch.Frame.Length);
        batch.Clear();
        Assert.Equal(0, batch.PayloadBytes);
        first.Dispose();
        second.Dispose();
    }

    [Fact]
    public void Probe_and_reply_round_trip()
    {
        var probe = new Probe(7, new Instant(123_456_789));
        byte[] bytes = new byte[Probe.SizeBytes];
        probe.Write(bytes);
        Assert.True(Probe.TryRead(bytes, out Probe read));
        Assert.Equal(probe, read);
        byte[] reply = new byte[Probe.ReplyBytes];
        Probe.WriteReply(reply, bytes, TimeSpan.FromMicroseconds(300));
        Assert.True(Probe.TryReadReply(reply, out read, out TimeSpan delay));
        Assert.Equal(probe, read);
        Assert.Equal(TimeSpan.FromMicroseconds(300), delay);
        Assert.False(Probe.TryRead(bytes.AsSpan(0, 15), out _));
        Assert.False(Probe.TryReadReply(reply.AsSpan(0, 23), out _, out _));
    }

    [Fact]
    public void Reading_and_gathering_allocates_nothing()
    {
        var batch = new CapsuleBatch();
        using var reader = new CapsuleReader(_pool);
        Packet packet = SamplePackets.Rent(_pool, SamplePackets.Udp4(100));
        Round(batch, reader, packet);
        Assert.Equal(0, AllocatedBytes.InEachRun(() =>
        {
            for (int i = 0; i < 200; i++)
            {
                Round(batch, reader, packet);
            }
        }));
        packet.Dispose();
    }

    // Two capsules, the second of which arrives in two pieces.
    private static void Round(CapsuleBatch batch, CapsuleReader reader, Packet packet)
    {
        batch.Clear();
        batch.TryAdd(packet);
        batch.TryAdd(packet);
        Span<byte> all = batch.Frame[12..];
        Span<byte> first = all[..(all.Length - 10)];
        Span<byte> second = all[(all.Length - 10)..];
        while (reader.Read(ref first, out CapsuleView capsule) == CapsuleStatus.Complete)
        {
            capsule.Packet?.Dispose();
        }

        while (reader.Read(ref second, out CapsuleView capsule) == CapsuleStatus.Complete)
        {
            capsule.Packet?.Dispose();
        }
    }

    private static byte[] Encode(CapsuleType type, byte[] value) =>
    [
        (byte)type,
        (byte)(value.Length >> 16),
        (byte)((value.Length >> 8) & 0xFF),
        (byte)(value.Length & 0xFF),
        .. value,
    ];

    private static List<(CapsuleType, string)> ReadInPieces(byte[] stream, int[] splits, PacketPool pool)
    {
        var found = new List<(CapsuleType, string)>();
        using var reader = new CapsuleReader(pool);
        int offset = 0;
        for (int i = 0; offset < stream.Length; i++)
        {
            int length = Math.Min(splits[i % splits.Length], stream.Length - offset);
            Span<byte> data = stream.AsSpan(offset, length);
            offset += length;
            CapsuleStatus status;
            while ((status = reader.Read(ref data, out CapsuleView capsule)) == CapsuleStatus.Complete)
            {
                found.Add((capsule.Type, Convert.ToHexString(capsule.Value)));
                capsule.Packet?.Dispose();
            }

            Assert.Equal(CapsuleStatus.NeedMore, status);
            Assert.True(data.IsEmpty);
        }

        Assert.Equal(0, pool.RentedBytes);
        return found;
    }
}

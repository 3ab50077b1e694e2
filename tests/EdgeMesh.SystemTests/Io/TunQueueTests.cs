using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Io;
using EdgeMesh.Io.Tun;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;
using Xunit;

namespace EdgeMesh.SystemTests.Io;

/// <summary>TUN queues on a real link: both back ends, with and without offloads.</summary>
public sealed class TunQueueTests
{
    private const int PoolBytes = 16 << 20;

    public static TheoryData<IoBackend, bool> Modes => new()
    {
        { IoBackend.IoUring, true },
        { IoBackend.IoUring, false },
        { IoBackend.IoUringBasic, true },
        { IoBackend.IoUringBasic, false },
        { IoBackend.Epoll, true },
        { IoBackend.Epoll, false },
    };

    public static TheoryData<IoBackend> Backends => [IoBackend.IoUring, IoBackend.IoUringBasic, IoBackend.Epoll];

    [Theory]
    [MemberData(nameof(Modes))]
    public void Packets_of_the_kernel_arrive_whole_and_in_order_one_segment_each(IoBackend backend, bool offload) =>
        TunNamespace.Run(space =>
        {
            const int Count = 200;
            using EventLoop loop = TunNamespace.OpenLoop(backend);
            using TunDevice device = space.OpenDevice(offload);
            Assert.Equal(offload, device.HasOffload);
            PacketPool pool = new(PoolBytes);
            using TunQueue queue = device.OpenQueue(loop, pool);
            using Socket socket = TunNamespace.OpenSocket();
            for (int i = 0; i < Count; i++)
            {
                socket.SendTo(PayloadOf(i), new IPEndPoint(TunNamespace.Far, 9));
            }

            long systemCalls = loop.SystemCalls;
            int next = 0;
            int batches = 0;
            Complete(loop, async () =>
            {
                for (; next < Count; batches++)
                {
                    next = await ReadFromAsync(queue, next);
                }
            });
            Assert.Equal(0, queue.PoolExhausted);
            Assert.True(batches < Count / 4, $"{batches} batches for {Count} packets that waited");
            if (backend == IoBackend.IoUring)
            {
                Assert.InRange(loop.SystemCalls - systemCalls, 1, Count / 4);
            }

            Close(queue, loop, pool);
        });

    [Theory]
    [MemberData(nameof(Backends))]
    public void Lone_packets_cost_one_read_each_and_a_burst_behind_them_stays_whole(IoBackend backend) =>
        TunNamespace.Run(space =>
        {
            const int Lone = 50;
            const int Burst = 100;
            using EventLoop loop = TunNamespace.OpenLoop(backend);
            using TunDevice device = space.OpenDevice(offload: true);
            PacketPool pool = new(PoolBytes);
            using TunQueue queue = device.OpenQueue(loop, pool);
            using Socket socket = TunNamespace.OpenSocket();
            long systemCalls = 0;
            int reads = 0;
            Complete(loop, async () =>
            {
                for (int i = 0; i < Lone; i++)
                {
                    if (i == 1)
                    {
                        systemCalls = loop.SystemCalls; // the first does not know yet that they come alone
                    }

                    Task<int> reading = ReadFromAsync(queue, i);
                    await loop.DelayAsync(TimeSpan.FromMilliseconds(1), CancellationToken.None);
                    socket.SendTo(PayloadOf(i), new IPEndPoint(TunNamespace.Far, 9));
                    while (await reading == i)
                    {
                        reading = ReadFromAsync(queue, i); // what came was not ours
                    }
                }

                systemCalls = loop.SystemCalls - systemCalls;
                for (int i = 0; i < Burst; i++)
                {
                    socket.SendTo(PayloadOf(i), new IPEndPoint(TunNamespace.Far, 9));
                }

                for (int next = 0; next < Burst; reads++)
                {
                    next = await ReadFromAsync(queue, next);
                }
            });
            Assert.InRange(reads, 1, Burst / 2);
            if (backend == IoBackend.IoUring)
            {
                // One for the delay and one for the packet; some for whatever else wakes the loop.
                Assert.InRange(systemCalls, Lone, (2 * Lone) + (Lone / 2));
            }

            Close(queue, loop, pool);
        });

    [Theory]
    [MemberData(nameof(Modes))]
    public void Packets_reach_the_kernel_however_they_are_written(IoBackend backend, bool offload) =>
        TunNamespace.Run(space =>
        {
            using EventLoop loop = TunNamespace.OpenLoop(backend);
            using TunDevice device = space.OpenDevice(offload);
            PacketPool pool = new(PoolBytes);
            using TunQueue queue = device.OpenQueue(loop, pool);
            TunPipe pipe = new(loop, queue, pool);
            using Socket socket = TunNamespace.OpenSocket();
            int port = ((IPEndPoint)socket.LocalEndPoint!).Port;
            byte[] pinned = GC.AllocateArray<byte>(64 * 2048, pinned: true);
            for (int i = 0; i < 150; i++)
            {
                if (i % 3 == 0)
                {
                    Assert.True(pool.TryRent(2000, out Packet? packet));
                    packet.SetLength(TunPackets.WriteUdp(packet.Bytes, port, PayloadOf(i)));
                    queue.Write(packet);
                }
                else if (i % 3 == 1)
                {
                    // The header right before the packet, as in a capsule of type 1; or none at all.
                    int at = (i % 64 * 2048) + Limits.OffloadHeaderBytes;
                    int length = TunPackets.WriteUdp(pinned.AsSpan(at), port, PayloadOf(i));
                    ReadOnlySpan<byte> header = pinned.AsSpan(
                        at - Limits.OffloadHeaderBytes)[..Limits.OffloadHeaderBytes];
                    queue.WriteBorrowed(i % 2 == 0 ? default : header, pinned.AsSpan(at, length));
                }
                else
                {
                    pipe.Output.Advance(TunPackets.WriteUdp(pipe.Output.GetSpan(2000), port, PayloadOf(i)));
                    Assert.True(pipe.Output.FlushAsync().AsTask().IsCompletedSuccessfully);
                }
            }

            Assert.Equal(0, queue.Flush());
            byte[] received = new byte[2048];
            for (int i = 0; i < 150; i++)
            {
                Assert.Equal(PayloadOf(i), received.AsSpan(0, socket.Receive(received)).ToArray());
            }

            Assert.Equal((150, 0), (queue.PacketsWritten, queue.PacketsRefused));
            Close(queue, loop, pool);
        });

    [Theory]
    [MemberData(nameof(Modes))]
    public void Refused_packets_are_counted_and_the_others_go_through(IoBackend backend, bool offload) =>
        TunNamespace.Run(space =>
        {
            using EventLoop loop = TunNamespace.OpenLoop(backend);
            using TunDevice device = space.OpenDevice(offload);
            PacketPool pool = new(PoolBytes);
            using TunQueue queue = device.OpenQueue(loop, pool);
            using Socket socket = TunNamespace.OpenSocket();
            byte[] pinned = GC.AllocateArray<byte>(100, pinned: true);
            int good = TunPackets.WriteUdp(pinned, ((IPEndPoint)socket.LocalEndPoint!).Port, [1]);
            queue.WriteBorrowed(default, pinned.AsSpan(0, good));
            queue.WriteBorrowed(default, pinned.AsSpan(50, 40)); // IP version 0
            queue.WriteBorrowed(default, pinned.AsSpan(0, good));
            Assert.Equal(1, queue.Flush());
            Assert.Equal(0, queue.Flush());
            Assert.Equal((2, 1, 22), (queue.PacketsWritten, queue.PacketsRefused, queue.LastError));
            Assert.Equal((1, 1), (socket.Receive(new byte[9]), socket.Receive(new byte[9])));
            Close(queue, loop, pool);
        });

    [Theory]
    [MemberData(nameof(Modes))]
    public void Large_sends_come_whole_with_offloads_and_cut_without(IoBackend backend, bool offload) =>
        TunNamespace.Run(space =>
        {
            const int SegmentBytes = 1000;
            const int Segments = 30;
            using EventLoop loop = TunNamespace.OpenLoop(backend);
            using TunDevice device = space.OpenDevice(offload);
            bool hasUso = device.Offloads.Contains("uso", StringComparer.Ordinal);
            Assert.SkipUnless(hasUso == offload, "no USO in this kernel");
            PacketPool pool = new(PoolBytes);
            using TunQueue queue = device.OpenQueue(loop, pool);
            using Socket socket = TunNamespace.OpenSocket();
            socket.SetRawSocketOption(17, 103 /* UDP_SEGMENT */, BitConverter.GetBytes(SegmentBytes));
            byte[] sent = RandomBytes(SegmentBytes * Segments);
            socket.SendTo(sent, new IPEndPoint(TunNamespace.Far, 9));
            List<byte> received = [];
            int packets = 0;
            Complete(loop, async () =>
            {
                while (received.Count < sent.Length)
                {
                    Packet[] batch = new Packet[Limits.BatchPackets];
                    int count = await queue.ReadAsync(batch);
                    foreach (Packet packet in batch.AsSpan(0, count))
                    {
                        OffloadHeader header = OffloadHeader.Read(packet.OffloadHeader);
                        if (TunPackets.IsUdp(packet.Bytes))
                        {
                            packets++;
                            received.AddRange(TunPackets.Payload(packet.Bytes));
                            Assert.Equal(offload ? OffloadType.Udp : OffloadType.None, header.Type);
                            Assert.Equal(offload ? SegmentBytes : 0, header.SegmentSize);
                        }

                        packet.Dispose();
                    }
                }
            });
            Assert.Equal(sent, received);
            Assert.Equal(offload ? 1 : Segments, packets);
            Close(queue, loop, pool);
        });

    [Theory]
    [MemberData(nameof(Backends))]
    public void Burst_is_no_longer_than_the_free_slots_so_that_nothing_is_dropped_while_there_are_some(
        IoBackend backend) => TunNamespace.Run(space =>
    {
        const int Count = 200;
        using EventLoop loop = TunNamespace.OpenLoop(backend);
        using TunDevice device = space.OpenDevice(offload: true);
        PacketPool pool = new(8 * Limits.BlockBytes);
        using TunQueue queue = device.OpenQueue(loop, pool);
        using Socket socket = TunNamespace.OpenSocket();
        for (int i = 0; i < Count; i++)
        {
            socket.SendTo(PayloadOf(i), new IPEndPoint(TunNamespace.Far, 9));
        }

        Complete(loop, async () =>
        {
            for (int next = 0; next < Count;)
            {
                next = await ReadFromAsync(queue, next);
            }
        });
        Assert.Equal(0, queue.PoolExhausted);
        Close(queue, loop, pool);
    });

    [Theory]
    [MemberData(nameof(Backends))]
    public void Empty_pool_drops_and_counts_and_never_stops_draining(IoBackend backend) => TunNamespace.Run(space =>
    {
        using EventLoop loop = TunNamespace.OpenLoop(backend);
        using TunDevice device = space.OpenDevice(offload: true);
        PacketPool pool = new(2 * Limits.BlockBytes);
        using TunQueue queue = device.OpenQueue(loop, pool);
        using Socket socket = TunNamespace.OpenSocket();
        for (int i = 0; i < 100; i++)
        {
            socket.SendTo(PayloadOf(i), new IPEndPoint(TunNamespace.Far, 9));
        }

        List<Packet> held = [];
        Task pump = Task.CompletedTask;
        loop.Post(_ => pump = HoldAsync(queue, held), null);
        Until(loop, () => queue.PacketsRead >= 100);
        Assert.InRange(held.Count, 1, 33); // one large slot, and a block of small ones
        Assert.Equal(100, held.Count + queue.PoolExhausted);
        held.ForEach(packet => packet.Dispose());
        held.Clear();
        socket.SendTo(PayloadOf(1), new IPEndPoint(TunNamespace.Far, 9));
        Until(loop, () => held.Count == 1);
        held.ForEach(packet => packet.Dispose());
        Close(queue, loop, pool);
        Assert.True(pump.IsCompletedSuccessfully);
    });

    [Theory]
    [MemberData(nameof(Backends))]
    public void Deleted_link_ends_the_read_with_cause_and_remedy(IoBackend backend) => TunNamespace.Run(space =>
    {
        using EventLoop loop = TunNamespace.OpenLoop(backend);
        using TunDevice device = space.OpenDevice(offload: true);
        PacketPool pool = new(PoolBytes);
        using TunQueue queue = device.OpenQueue(loop, pool);
        Task<int>? read = null;
        loop.Post(_ => read = queue.ReadAsync(new Packet[1]).AsTask(), null);
        loop.RunOnce(TimeSpan.Zero);
        loop.RunOnce(TimeSpan.Zero);
        space.Ip($"link delete {TunNamespace.Link}");
        Until(loop, () => read!.IsCompleted);
        TunException exception = Assert.IsType<TunException>(read!.Exception!.InnerException);
        Assert.Contains("em_tun was deleted", exception.Message, StringComparison.Ordinal);
        Assert.Contains("restart", exception.Message, StringComparison.Ordinal);
        Assert.Throws<TunException>(() => queue.ReadAsync(new Packet[1]).AsTask().IsCompleted);
        queue.WriteBorrowed(default, GC.AllocateArray<byte>(40, pinned: true));
        Assert.Equal(1, queue.Flush());
        Close(queue, loop, pool);
    });

    [Theory]
    [MemberData(nameof(Backends))]
    public void Link_taken_down_holds_nothing_up_and_brings_packets_again_when_it_is_up(IoBackend backend) =>
        TunNamespace.Run(space =>
        {
            using EventLoop loop = TunNamespace.OpenLoop(backend);
            using TunDevice device = space.OpenDevice(offload: true);
            PacketPool pool = new(PoolBytes);
            using TunQueue queue = device.OpenQueue(loop, pool);
            List<Packet> held = [];
            loop.Post(_ => _ = HoldAsync(queue, held), null);
            loop.RunOnce(TimeSpan.Zero);
            space.Ip($"link set {TunNamespace.Link} down");
            byte[] pinned = GC.AllocateArray<byte>(100, pinned: true);
            queue.WriteBorrowed(default, pinned.AsSpan(0, TunPackets.WriteUdp(pinned, 9, [1])));
            Assert.Equal(1, queue.Flush());
            Assert.Equal(5, queue.LastError); // EIO
            Complete(loop, async () => await loop.DelayAsync(TimeSpan.FromMilliseconds(5), CancellationToken.None));
            space.Ip($"link set {TunNamespace.Link} up");
            using Socket socket = TunNamespace.OpenSocket();
            socket.SendTo(PayloadOf(1), new IPEndPoint(TunNamespace.Far, 9));
            Until(loop, () => held.Exists(packet => TunPackets.IsUdp(packet.Bytes)));
            held.ForEach(packet => packet.Dispose());
            Close(queue, loop, pool);
        });

    [Theory]
    [MemberData(nameof(Modes))]
    public void Hundred_thousand_packets_there_and_back_allocate_nothing(IoBackend backend, bool offload) =>
        TunNamespace.Run(space =>
        {
            using EventLoop loop = TunNamespace.OpenLoop(backend);
            using TunDevice device = space.OpenDevice(offload);
            PacketPool pool = new(PoolBytes);
            using TunQueue queue = device.OpenQueue(loop, pool);
            using Socket socket = TunNamespace.OpenSocket();
            bool isDone = false;
            Thread sender = new(() => Flood(socket, ref isDone));
            sender.Start(); // a socket stays in the namespace that it was made in
            long allocated = Complete(loop, () => ReflectAsync(queue));
            Volatile.Write(ref isDone, true);
            sender.Join();
            Assert.Equal(0, allocated);
            Assert.Equal(0, queue.PacketsRefused);
            Close(queue, loop, pool);
        });

    private static void Flood(Socket socket, ref bool isDone)
    {
        byte[] payload = new byte[64];
        IPEndPoint to = new(TunNamespace.Far, 9);
        while (!Volatile.Read(ref isDone))
        {
            socket.SendTo(payload, to);
        }
    }

    private static async Task<long> ReflectAsync(TunQueue queue)
    {
        const int Warm = 20_000;
        const int Count = 100_000;
        Packet[] batch = new Packet[Limits.BatchPackets];
        long before = 0;
        int packets = 0;
        while (packets < Warm + Count)
        {
            before = packets < Warm ? GC.GetAllocatedBytesForCurrentThread() : before;
            int taken = await queue.ReadAsync(batch);
            packets += taken;
            for (int i = 0; i < taken; i++)
            {
                Return(queue, batch[i], isBorrowed: i % 2 == 0);
            }

            queue.Flush();
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>Takes what one read brings: the payloads from number <paramref name="next"/> on, in order.</summary>
    /// <returns>The number that comes next.</returns>
    private static async Task<int> ReadFromAsync(TunQueue queue, int next)
    {
        Packet[] batch = new Packet[Limits.BatchPackets];
        int count = await queue.ReadAsync(batch);
        foreach (Packet packet in batch.AsSpan(0, count))
        {
            if (TunPackets.IsUdp(packet.Bytes))
            {
                Assert.Equal(PayloadOf(next), TunPackets.Payload(packet.Bytes).ToArray());
                next++;
            }

            packet.Dispose();
        }

        return next;
    }

    private static void Return(TunQueue queue, Packet packet, bool isBorrowed)
    {
        if (!TunPackets.IsUdp(packet.Bytes))
        {
            packet.Dispose();
            return;
        }

        TunPackets.TurnAround(packet.Bytes);
        if (!isBorrowed)
        {
            queue.Write(packet);
            return;
        }

        queue.WriteBorrowed(packet.OffloadHeader, packet.Bytes);
        queue.Flush();
        packet.Dispose();
    }

    private static async Task HoldAsync(TunQueue queue, List<Packet> held)
    {
        Packet[] batch = new Packet[Limits.BatchPackets];
        for (int count; (count = await queue.ReadAsync(batch)) >= 0;)
        {
            held.AddRange(batch.AsSpan(0, count));
        }
    }

    private static void Close(TunQueue queue, EventLoop loop, PacketPool pool)
    {
        queue.Dispose();
        loop.Dispose();
        Assert.Equal(0, pool.RentedBytes);
    }

    private static byte[] PayloadOf(int number)
    {
        byte[] payload = new byte[4 + (number * 37 % 1400)];
        Array.Fill(payload, (byte)number);
        BinaryPrimitives.WriteInt32BigEndian(payload, number);
        return payload;
    }

    private static byte[] RandomBytes(int count)
    {
        byte[] bytes = new byte[count];
        new Random(1).NextBytes(bytes);
        return bytes;
    }

    private static T Complete<T>(EventLoop loop, Func<Task<T>> work)
    {
        Task<T>? task = null;
        loop.Post(_ => task = work(), null);
        Until(loop, () => task is { IsCompleted: true });
        return task!.GetAwaiter().GetResult();
    }

    private static void Complete(EventLoop loop, Func<Task> work) => Complete(loop, async () =>
    {
        await work();
        return true;
    });

    private static void Until(EventLoop loop, Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            bool isPatient = Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(30);
            Assert.True(isPatient, "the loop waits for what does not come");
            loop.RunOnce(TimeSpan.FromMilliseconds(100));
        }
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Io;
using EdgeMesh.Io.Loops;
using EdgeMesh.Io.Tun;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;
using Xunit;

namespace EdgeMesh.SystemTests.Io;

/// <summary>TUN queues on a real link: what is read, with both back ends, with and without offloads.</summary>
public sealed class TunQueueTests
{
    public static TheoryData<IoBackend, bool> Modes => TunQueues.Modes;

    public static TheoryData<IoBackend> Backends => Loops.Backends;

    [Theory]
    [MemberData(nameof(Modes))]
    public void Packets_of_the_kernel_arrive_whole_and_in_order_one_segment_each(IoBackend backend, bool offload) =>
        TunQueues.Run(backend, offload, (loop, queue, _, socket) =>
        {
            const int Count = 200;
            for (int i = 0; i < Count; i++)
            {
                socket.SendTo(TunPackets.PayloadOf(i), new IPEndPoint(TunNamespace.Far, 9));
            }

            long systemCalls = loop.SystemCalls;
            int next = 0;
            int batches = 0;
            loop.Complete(async () =>
            {
                for (; next < Count; batches++)
                {
                    next = await queue.ReadFromAsync(next);
                }
            });
            Assert.Equal(0, queue.PoolExhausted);
            Assert.True(batches < Count / 4, $"{batches} batches for {Count} packets that waited");
            if (backend == IoBackend.IoUring)
            {
                Assert.InRange(loop.SystemCalls - systemCalls, 1, Count / 4);
            }
        });

    [Theory]
    [MemberData(nameof(Backends))]
    public void Lone_packets_cost_one_read_each_and_a_burst_behind_them_stays_whole(IoBackend backend) =>
        TunQueues.Run(backend, offload: true, (loop, queue, _, socket) =>
        {
            const int Lone = 50;
            const int Burst = 100;
            long systemCalls = 0;
            int reads = 0;
            loop.Complete(async () =>
            {
                for (int i = 0; i < Lone; i++)
                {
                    if (i == 1)
                    {
                        systemCalls = loop.SystemCalls; // the first does not know yet that they come alone
                    }

                    Task<int> reading = queue.ReadFromAsync(i);
                    await loop.DelayAsync(TimeSpan.FromMilliseconds(1), CancellationToken.None);
                    socket.SendTo(TunPackets.PayloadOf(i), new IPEndPoint(TunNamespace.Far, 9));
                    while (await reading == i)
                    {
                        reading = queue.ReadFromAsync(i); // what came was not ours
                    }
                }

                systemCalls = loop.SystemCalls - systemCalls;
                for (int i = 0; i < Burst; i++)
                {
                    socket.SendTo(TunPackets.PayloadOf(i), new IPEndPoint(TunNamespace.Far, 9));
                }

                for (int next = 0; next < Burst; reads++)
                {
                    next = await queue.ReadFromAsync(next);
                }
            });
            Assert.InRange(reads, 1, Burst / 2);
            if (backend == IoBackend.IoUring)
            {
                // One for the delay and one for the packet; some for whatever else wakes the loop.
                Assert.InRange(systemCalls, Lone, (2 * Lone) + (Lone / 2));
            }
        });

    [Theory]
    [MemberData(nameof(Modes))]
    public void Large_sends_come_whole_with_offloads_and_cut_without(IoBackend backend, bool offload) =>
        TunNamespace.Run(space =>
        {
            const int SegmentBytes = 1000;
            const int Segments = 30;
            using EventLoop loop = Loops.Open(backend);
            using TunDevice device = space.OpenDevice(offload);
            bool hasUso = device.Offloads.Contains("uso", StringComparer.Ordinal);
            Assert.SkipUnless(hasUso == offload, "no USO in this kernel");
            PacketPool pool = new(TunQueues.PoolBytes);
            using TunQueue queue = device.OpenQueue(loop, pool);
            using Socket socket = TunNamespace.OpenSocket();
            socket.SetRawSocketOption(17, 103 /* UDP_SEGMENT */, BitConverter.GetBytes(SegmentBytes));
            byte[] sent = RandomBytes(SegmentBytes * Segments);
            socket.SendTo(sent, new IPEndPoint(TunNamespace.Far, 9));
            List<byte> received = [];
            int packets = 0;
            loop.Complete(async () =>
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
            queue.Close(loop, pool);
        });

    [Theory]
    [MemberData(nameof(Backends))]
    public void Burst_is_no_longer_than_the_free_slots_so_that_nothing_is_dropped_while_there_are_some(
        IoBackend backend) =>
        TunQueues.Run(backend, offload: true, poolBytes: 8 * Limits.BlockBytes, test: (loop, queue, _, socket) =>
        {
            const int Count = 200;
            for (int i = 0; i < Count; i++)
            {
                socket.SendTo(TunPackets.PayloadOf(i), new IPEndPoint(TunNamespace.Far, 9));
            }

            loop.Complete(async () =>
            {
                for (int next = 0; next < Count;)
                {
                    next = await queue.ReadFromAsync(next);
                }
            });
            Assert.Equal(0, queue.PoolExhausted);
        });

    [Theory]
    [MemberData(nameof(Backends))]
    public void Empty_pool_drops_and_counts_and_never_stops_draining(IoBackend backend) =>
        TunQueues.Run(backend, offload: true, poolBytes: 2 * Limits.BlockBytes, test: (loop, queue, pool, socket) =>
        {
            for (int i = 0; i < 100; i++)
            {
                socket.SendTo(TunPackets.PayloadOf(i), new IPEndPoint(TunNamespace.Far, 9));
            }

            List<Packet> held = [];
            Task pump = Task.CompletedTask;
            loop.Post(_ => pump = queue.HoldAsync(held), null);
            loop.Until(() => queue.PacketsRead >= 100);
            Assert.InRange(held.Count, 1, 33); // one large slot, and a block of small ones
            Assert.Equal(100, held.Count + queue.PoolExhausted);
            held.ForEach(packet => packet.Dispose());
            held.Clear();
            socket.SendTo(TunPackets.PayloadOf(1), new IPEndPoint(TunNamespace.Far, 9));
            loop.Until(() => held.Count == 1);
            held.ForEach(packet => packet.Dispose());
            queue.Close(loop, pool); // ends the pump
            Assert.True(pump.IsCompletedSuccessfully);
        });

    private static byte[] RandomBytes(int count)
    {
        byte[] bytes = new byte[count];
        new Random(1).NextBytes(bytes);
        return bytes;
    }
}

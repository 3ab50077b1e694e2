using System;
using System.Collections.Generic;
using System.Net.Sockets;
using System.Threading.Tasks;
using EdgeMesh.Io;
using EdgeMesh.Io.Loops;
using EdgeMesh.Io.Tun;
using EdgeMesh.Packets;
using Xunit;

namespace EdgeMesh.SystemTests.Io;

/// <summary>What tests of TUN queues share.</summary>
internal static class TunQueues
{
    public const int PoolBytes = 16 << 20;

    public static TheoryData<IoBackend, bool> Modes => new()
    {
        { IoBackend.IoUring, true },
        { IoBackend.IoUring, false },
        { IoBackend.IoUringBasic, true },
        { IoBackend.IoUringBasic, false },
        { IoBackend.Epoll, true },
        { IoBackend.Epoll, false },
    };

    /// <summary>
    /// Runs a test of one queue in a namespace of its own; then looks whether every packet was given back.
    /// </summary>
    /// <param name="backend">The loop's.</param>
    /// <param name="offload">Whether the link is asked for offloads: it must have some then, else none.</param>
    /// <param name="test">Takes the loop, the queue, its pool, and a socket behind the link.</param>
    /// <param name="poolBytes">Size of the pool.</param>
    public static void Run(
        IoBackend backend,
        bool offload,
        Action<EventLoop, TunQueue, PacketPool, Socket> test,
        int poolBytes = PoolBytes) => TunNamespace.Run(space =>
        {
            using EventLoop loop = Loops.Open(backend);
            using TunDevice device = space.OpenDevice(offload);
            Assert.Equal(offload, device.HasOffload);
            PacketPool pool = new(poolBytes);
            using TunQueue queue = device.OpenQueue(loop, pool);
            using Socket socket = TunNamespace.OpenSocket();
            test(loop, queue, pool, socket);
            queue.Close(loop, pool);
        });

    /// <summary>Takes what one read brings: the payloads from number <paramref name="next"/> on, in order.</summary>
    /// <returns>The number that comes next.</returns>
    public static async Task<int> ReadFromAsync(this TunQueue queue, int next)
    {
        Packet[] batch = new Packet[Limits.BatchPackets];
        int count = await queue.ReadAsync(batch);
        foreach (Packet packet in batch.AsSpan(0, count))
        {
            if (TunPackets.IsUdp(packet.Bytes))
            {
                Assert.Equal(TunPackets.PayloadOf(next), TunPackets.Payload(packet.Bytes).ToArray());
                next++;
            }

            packet.Dispose();
        }

        return next;
    }

    /// <summary>Keeps what comes, until the queue is closed.</summary>
    public static async Task HoldAsync(this TunQueue queue, List<Packet> held)
    {
        Packet[] batch = new Packet[Limits.BatchPackets];
        for (int count; (count = await queue.ReadAsync(batch)) >= 0;)
        {
            held.AddRange(batch.AsSpan(0, count));
        }
    }

    /// <summary>Closes all of it, and looks whether every packet was given back.</summary>
    public static void Close(this TunQueue queue, EventLoop loop, PacketPool pool)
    {
        queue.Dispose();
        loop.Dispose();
        Assert.Equal(0, pool.RentedBytes);
    }
}

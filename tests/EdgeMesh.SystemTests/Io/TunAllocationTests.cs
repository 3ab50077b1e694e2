using System;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Io;
using EdgeMesh.Io.Loops;
using EdgeMesh.Io.Tun;
using EdgeMesh.Packets;
using Xunit;

namespace EdgeMesh.SystemTests.Io;

/// <summary>Packets through a TUN queue cost no managed memory.</summary>
public sealed class TunAllocationTests
{
    public static TheoryData<IoBackend, bool> Modes => TunQueues.Modes;

    [Theory]
    [MemberData(nameof(Modes))]
    public void Hundred_thousand_packets_there_and_back_allocate_nothing(IoBackend backend, bool offload) =>
        TunNamespace.Run(space =>
        {
            using EventLoop loop = TunNamespace.OpenLoop(backend);
            using TunDevice device = space.OpenDevice(offload);
            PacketPool pool = new(TunQueues.PoolBytes);
            using TunQueue queue = device.OpenQueue(loop, pool);
            using Socket socket = TunNamespace.OpenSocket();
            bool isDone = false;
            Thread sender = new(() => Flood(socket, ref isDone));
            sender.Start(); // a socket stays in the namespace that it was made in
            long allocated = loop.Complete(() => ReflectAsync(queue));
            Volatile.Write(ref isDone, true);
            sender.Join();
            Assert.Equal(0, allocated);
            Assert.Equal(0, queue.PacketsRefused);
            queue.Close(loop, pool);
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
}

using System;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Io;
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
        TunQueues.Run(backend, offload, (loop, queue, _, socket) =>
        {
            bool isDone = false;
            Thread sender = new(() => Flood(socket, ref isDone));
            sender.Start(); // a socket stays in the namespace that it was made in
            try
            {
                Assert.Equal(0, loop.Complete(() => ReflectAsync(queue)));
            }
            finally
            {
                Volatile.Write(ref isDone, true);
                sender.Join(); // before the socket is closed, or the thread's exception would end the run
            }

            Assert.Equal(0, queue.PacketsRefused);
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

    // The least that a window of packets allocates, of several: see AllocatedBytes.
    private static async Task<long> ReflectAsync(TunQueue queue)
    {
        const int Windows = 5;
        const int WindowPackets = 20_000;
        Packet[] batch = new Packet[Limits.BatchPackets];
        long least = long.MaxValue;
        for (int window = 0; window <= Windows; window++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int packets = 0; packets < WindowPackets;)
            {
                int taken = await queue.ReadAsync(batch);
                packets += taken;
                ReturnAll(queue, batch.AsSpan(0, taken));
            }

            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            least = window == 0 ? least : Math.Min(least, allocated); // the first only warms up
        }

        return least;
    }

    private static void ReturnAll(TunQueue queue, ReadOnlySpan<Packet> packets)
    {
        for (int i = 0; i < packets.Length; i++)
        {
            Return(queue, packets[i], isBorrowed: i % 2 == 0);
        }

        queue.Flush();
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

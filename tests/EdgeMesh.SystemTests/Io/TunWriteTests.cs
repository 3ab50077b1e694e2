using System;
using System.Net;
using EdgeMesh.Io;
using EdgeMesh.Io.Tun;
using EdgeMesh.Packets;
using Xunit;

namespace EdgeMesh.SystemTests.Io;

/// <summary>What is written to a TUN queue reaches the kernel, or is counted as refused.</summary>
public sealed class TunWriteTests
{
    public static TheoryData<IoBackend, bool> Modes => TunQueues.Modes;

    [Theory]
    [MemberData(nameof(Modes))]
    public void Packets_reach_the_kernel_however_they_are_written(IoBackend backend, bool offload) =>
        TunQueues.Run(backend, offload, (loop, queue, pool, socket) =>
        {
            TunPipe pipe = new(loop, queue, pool);
            int port = ((IPEndPoint)socket.LocalEndPoint!).Port;
            byte[] pinned = GC.AllocateArray<byte>(64 * 2048, pinned: true);
            for (int i = 0; i < 150; i++)
            {
                if (i % 3 == 0)
                {
                    Assert.True(pool.TryRent(2000, out Packet? packet));
                    packet.SetLength(TunPackets.WriteUdp(packet.Bytes, port, TunPackets.PayloadOf(i)));
                    queue.Write(packet);
                }
                else if (i % 3 == 1)
                {
                    // The header right before the packet, as in a capsule of type 1; or none at all.
                    int at = (i % 64 * 2048) + Limits.OffloadHeaderBytes;
                    int length = TunPackets.WriteUdp(pinned.AsSpan(at), port, TunPackets.PayloadOf(i));
                    ReadOnlySpan<byte> header = pinned.AsSpan(
                        at - Limits.OffloadHeaderBytes)[..Limits.OffloadHeaderBytes];
                    queue.WriteBorrowed(i % 2 == 0 ? default : header, pinned.AsSpan(at, length));
                }
                else
                {
                    pipe.Output.Advance(TunPackets.WriteUdp(pipe.Output.GetSpan(2000), port, TunPackets.PayloadOf(i)));
                    Assert.True(pipe.Output.FlushAsync().AsTask().IsCompletedSuccessfully);
                }
            }

            Assert.Equal(0, queue.Flush());
            byte[] received = new byte[2048];
            for (int i = 0; i < 150; i++)
            {
                Assert.Equal(TunPackets.PayloadOf(i), received.AsSpan(0, socket.Receive(received)).ToArray());
            }

            Assert.Equal((150, 0), (queue.PacketsWritten, queue.PacketsRefused));
        });

    [Theory]
    [MemberData(nameof(Modes))]
    public void Refused_packets_are_counted_and_the_others_go_through(IoBackend backend, bool offload) =>
        TunQueues.Run(backend, offload, (_, queue, _, socket) =>
        {
            byte[] pinned = GC.AllocateArray<byte>(100, pinned: true);
            int good = TunPackets.WriteUdp(pinned, ((IPEndPoint)socket.LocalEndPoint!).Port, [1]);
            queue.WriteBorrowed(default, pinned.AsSpan(0, good));
            queue.WriteBorrowed(default, pinned.AsSpan(50, 40)); // IP version 0
            queue.WriteBorrowed(default, pinned.AsSpan(0, good));
            Assert.Equal(1, queue.Flush());
            Assert.Equal(0, queue.Flush());
            Assert.Equal((2, 1, 22), (queue.PacketsWritten, queue.PacketsRefused, queue.LastError));
            Assert.Equal((1, 1), (socket.Receive(new byte[9]), socket.Receive(new byte[9])));
        });
}

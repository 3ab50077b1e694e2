using System;
using System.Collections.Generic;
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

/// <summary>A TUN link that is deleted or taken down under its queue.</summary>
public sealed class TunLinkTests
{
    public static TheoryData<IoBackend> Backends => Loops.Backends;

    [Theory]
    [MemberData(nameof(Backends))]
    public void Deleted_link_ends_the_read_with_cause_and_remedy(IoBackend backend) => TunNamespace.Run(space =>
    {
        using EventLoop loop = Loops.Open(backend);
        using TunDevice device = space.OpenDevice(offload: true);
        PacketPool pool = new(TunQueues.PoolBytes);
        using TunQueue queue = device.OpenQueue(loop, pool);
        Task<int>? read = null;
        loop.Post(_ => read = queue.ReadAsync(new Packet[1]).AsTask(), null);
        loop.RunOnce(TimeSpan.Zero);
        loop.RunOnce(TimeSpan.Zero);
        space.Ip($"link delete {TunNamespace.Link}");
        loop.Until(() => read!.IsCompleted);
        TunException exception = Assert.IsType<TunException>(read!.Exception!.InnerException);
        Assert.Contains("em_tun was deleted", exception.Message, StringComparison.Ordinal);
        Assert.Contains("restart", exception.Message, StringComparison.Ordinal);
        Assert.Throws<TunException>(() => queue.ReadAsync(new Packet[1]).AsTask().IsCompleted);
        queue.WriteBorrowed(default, GC.AllocateArray<byte>(40, pinned: true));
        Assert.Equal(1, queue.Flush());
        queue.Close(loop, pool);
    });

    [Theory]
    [MemberData(nameof(Backends))]
    public void Link_taken_down_holds_nothing_up_and_brings_packets_again_when_it_is_up(IoBackend backend) =>
        TunNamespace.Run(space =>
        {
            using EventLoop loop = Loops.Open(backend);
            using TunDevice device = space.OpenDevice(offload: true);
            PacketPool pool = new(TunQueues.PoolBytes);
            using TunQueue queue = device.OpenQueue(loop, pool);
            List<Packet> held = [];
            loop.Post(_ => _ = queue.HoldAsync(held), null);
            loop.RunOnce(TimeSpan.Zero);
            space.Ip($"link set {TunNamespace.Link} down");
            byte[] pinned = GC.AllocateArray<byte>(100, pinned: true);
            queue.WriteBorrowed(default, pinned.AsSpan(0, TunPackets.WriteUdp(pinned, 9, [1])));
            Assert.Equal(1, queue.Flush());
            Assert.Equal(5, queue.LastError); // EIO
            loop.Complete(async () => await loop.DelayAsync(TimeSpan.FromMilliseconds(5), CancellationToken.None));
            space.Ip($"link set {TunNamespace.Link} up");
            using Socket socket = TunNamespace.OpenSocket();
            socket.SendTo(TunPackets.PayloadOf(1), new IPEndPoint(TunNamespace.Far, 9));
            loop.Until(() => held.Exists(packet => TunPackets.IsUdp(packet.Bytes)));
            held.ForEach(packet => packet.Dispose());
            queue.Close(loop, pool);
        });
}

using System;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using EdgeMesh.Io;
using EdgeMesh.Io.Loops;
using EdgeMesh.Io.Tun;
using EdgeMesh.Packets;
using Xunit;

namespace EdgeMesh.SystemTests.Io;

/// <summary>Making and taking over the link, and what the operator is told when that fails.</summary>
public sealed class TunDeviceTests
{
    [Fact]
    public void Link_is_up_marked_as_ours_and_outlives_us() => TunNamespace.Run(space =>
    {
        using (TunDevice device = space.OpenDevice(offload: true, queues: 2))
        {
            Assert.Contains("csum", device.Offloads);
        }

        string link = space.Ip($"-details link show {TunNamespace.Link}");
        Assert.Contains("mtu 1500", link, StringComparison.Ordinal);
        Assert.Contains("UP", link, StringComparison.Ordinal);
        Assert.Contains("multi_queue", link, StringComparison.Ordinal);
        Assert.Contains("persist on", link, StringComparison.Ordinal);
        Assert.Contains($"alias {TunDevice.Alias}", link, StringComparison.Ordinal);
        Assert.Contains("inet 10.9.0.1/24", space.Ip($"address show {TunNamespace.Link}"), StringComparison.Ordinal);
    });

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Link_of_an_earlier_process_is_taken_over_with_other_offloads(bool before, bool after) =>
        TunNamespace.Run(space =>
        {
            space.OpenDevice(before).Dispose();
            using EventLoop loop = EventLoops.Open(IoBackend.Epoll);
            using TunDevice device = space.OpenDevice(after, queues: 2);
            Assert.Equal(after, device.HasOffload);
            PacketPool pool = new(8 << 20);
            using TunQueue one = device.OpenQueue(loop, pool);
            using TunQueue two = device.OpenQueue(loop, pool);
            Assert.Throws<InvalidOperationException>(() => device.OpenQueue(loop, pool));
        });

    [Fact]
    public void Packets_that_the_kernel_dropped_before_we_saw_them_are_counted_from_the_opening_on() =>
        TunNamespace.Run(space =>
        {
            const int TooMany = 100;
            using (TunDevice device = space.OpenDevice(offload: true))
            {
                Assert.Equal(0, device.ReadKernelDrops());
                SendUnread(TunDevice.KernelQueuePackets + TooMany); // nobody reads
                Assert.Equal(TooMany, device.ReadKernelDrops());
                Assert.Equal(TooMany, device.ReadKernelDrops());
            }

            using TunDevice again = space.OpenDevice(offload: true);
            Assert.Equal(0, again.ReadKernelDrops()); // the link persists, and so does the kernel's own count
            SendUnread(TunDevice.KernelQueuePackets + 1);
            Assert.Equal(1, again.ReadKernelDrops());
            space.Ip($"link delete {TunNamespace.Link}");
            Assert.Equal(1, again.ReadKernelDrops());
            space.Ip($"link add {TunNamespace.Link} type bridge");
            Assert.Equal(1, again.ReadKernelDrops()); // made again, it begins at zero: ours never falls
        });

    private static void SendUnread(int packets)
    {
        using Socket socket = TunNamespace.OpenSocket();
        for (int i = 0; i < packets; i++)
        {
            socket.SendTo([1], new IPEndPoint(TunNamespace.Far, 9));
        }
    }

    [Theory]
    [InlineData("tuntap add dev em_tun mode tun")]
    [InlineData("tuntap add dev em_tun mode tap multi_queue")]
    [InlineData("link add em_tun type bridge")]
    public void Foreign_link_of_that_name_is_left_alone_and_named(string command) => TunNamespace.Run(space =>
    {
        space.Ip(command);
        TunException exception = Assert.Throws<TunException>(() => TunDevice.Open(TunNamespace.Options(offload: true)));
        Assert.Contains("em_tun", exception.Message, StringComparison.Ordinal);
        Assert.Contains("choose another name by --tun", exception.Message, StringComparison.Ordinal);
        Assert.Contains("em_tun", space.Ip("link show"), StringComparison.Ordinal);
    });

    [Fact]
    public void Link_that_somebody_has_is_refused_until_he_lets_go() => TunNamespace.Run(space =>
    {
        using (TunDevice first = space.OpenDevice(offload: true))
        {
            TunException exception = Assert.Throws<TunException>(
                () => TunDevice.Open(TunNamespace.Options(offload: true)));
            Assert.Contains("em_tun is in use: stop the process that has it", exception.Message,
                StringComparison.Ordinal);
        }

        using TunDevice second = space.OpenDevice(offload: true);
    });

    [Fact]
    public void Kernel_says_nothing_of_its_own_on_a_new_link() => TunNamespace.Run(space =>
    {
        // A router with IPv6, as nodes are: it would look for addresses, routers and listeners.
        File.WriteAllText("/proc/sys/net/ipv6/conf/default/disable_ipv6", "0");
        File.WriteAllText("/proc/sys/net/ipv6/conf/all/forwarding", "1");
        using TunDevice device = TunDevice.Open(TunNamespace.Options(offload: true));
        File.WriteAllText("/proc/sys/net/ipv6/conf/all/forwarding", "0");
        File.WriteAllText("/proc/sys/net/ipv6/conf/all/forwarding", "1");
        Thread.Sleep(TimeSpan.FromSeconds(2.5)); // the first reports come within a second
        string link = space.Ip($"-statistics link show {TunNamespace.Link}");
        Assert.Matches(@"TX: +bytes +packets.*\n +0 +0 ", link);
        Assert.DoesNotContain("inet6", space.Ip($"address show {TunNamespace.Link}"), StringComparison.Ordinal);

        // Routes lead there all the same.
        space.Ip($"-6 route add fd00:77::/64 dev {TunNamespace.Link}");
        Assert.Contains("fd00:77::/64", space.Ip("-6 route show"), StringComparison.Ordinal);
    });

    [Fact]
    public void More_queues_than_the_kernel_has_are_refused_and_nothing_stays_open() => TunNamespace.Run(space =>
    {
        TunException exception = Assert.Throws<TunException>(
            () => TunDevice.Open(TunNamespace.Options(offload: false, queues: 1000)));
        Assert.Contains("ask for fewer workers", exception.Message, StringComparison.Ordinal);
        using TunDevice device = space.OpenDevice(offload: false);
    });
}

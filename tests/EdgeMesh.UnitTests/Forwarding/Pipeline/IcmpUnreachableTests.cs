using System;
using EdgeMesh.Forwarding.Pipeline;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;
using EdgeMesh.UnitTests.Packets;
using Xunit;

namespace EdgeMesh.UnitTests.Forwarding.Pipeline;

public sealed class IcmpUnreachableTests
{
    private static readonly Instant Start = new(5_000_000_000);
    private readonly PacketPool _pool = new(1 << 20);

    [Fact]
    public void Ipv4_answer_goes_back_from_the_destination_and_quotes_the_packet()
    {
        byte[] original = SamplePackets.Udp4(2000);
        Assert.True(new IcmpUnreachable().TryBuild(Start, original, _pool, out Packet? answer));
        Assert.Equal(576, answer.Length);
        Assert.True(Ipv4Header.TryParse(answer.Bytes, out Ipv4Header ip));
        Assert.Equal((576, SamplePackets.PodB, SamplePackets.PodA), (ip.TotalLength, ip.Source, ip.Destination));
        Assert.Equal(0xFFFF, SamplePackets.SlowChecksum(answer.Bytes[..20]));
        Assert.Equal(0xFFFF, SamplePackets.SlowChecksum(answer.Bytes[20..]));
        Assert.True(IcmpHeader.TryParse(ip.Payload, out IcmpHeader icmp));
        Assert.Equal((IcmpHeader.Unreachable4, 0), (icmp.Type, icmp.Code));
        Assert.Equal(original[..548], icmp.Payload.ToArray());
        answer.Dispose();
    }

    [Fact]
    public void Ipv6_answer_fits_the_least_mtu_and_has_a_right_checksum()
    {
        byte[] original = SamplePackets.Udp6(2000);
        Assert.True(new IcmpUnreachable().TryBuild(Start, original, _pool, out Packet? answer));
        Assert.Equal(1280, answer.Length);
        Assert.True(Ipv6Header.TryParse(answer.Bytes, out Ipv6Header ip));
        Assert.Equal((SamplePackets.PodB6, SamplePackets.PodA6), (ip.Source, ip.Destination));
        ulong pseudo = InternetChecksum.PseudoHeader6(answer.Bytes, IpProtocol.Icmp6, answer.Length - 40);
        Assert.Equal(0xFFFF, InternetChecksum.Fold(InternetChecksum.Sum(answer.Bytes[40..], pseudo)));
        Assert.Equal(1, answer.Bytes[40]);
        answer.Dispose();
    }

    [Fact]
    public void Echo_is_answered_and_errors_are_not()
    {
        var icmp = new IcmpUnreachable();
        Assert.True(icmp.TryBuild(Start, SamplePackets.Icmp4(8), _pool, out Packet? answer));
        answer.Dispose();
        Assert.False(icmp.TryBuild(Start, SamplePackets.Icmp4(3), _pool, out _));
        Assert.False(icmp.TryBuild(Start, SamplePackets.Icmp4(11), _pool, out _));
        byte[] error6 = SamplePackets.Ip6(IpProtocol.Icmp6, [1, 0, 0, 0, 0, 0, 0, 0]);
        byte[] echo6 = SamplePackets.Ip6(IpProtocol.Icmp6, [128, 0, 0, 0, 0, 0, 0, 0]);
        byte[] cut6 = SamplePackets.Ip6(IpProtocol.Icmp6, [128, 0, 0]);
        Assert.False(icmp.TryBuild(Start, error6, _pool, out _));
        Assert.False(icmp.TryBuild(Start, cut6, _pool, out _));
        Assert.True(icmp.TryBuild(Start, echo6, _pool, out answer));
        answer.Dispose();
    }

    [Fact]
    public void Later_fragments_multicast_and_sources_that_are_no_host_are_not_answered()
    {
        var icmp = new IcmpUnreachable();
        byte[] fragment = SamplePackets.Udp4(10);
        fragment[7] = 1;
        Assert.False(icmp.TryBuild(Start, fragment, _pool, out _));
        Assert.False(icmp.TryBuild(Start, SamplePackets.Udp4(10, destination: 0xE000_0001), _pool, out _));
        Assert.False(icmp.TryBuild(Start, SamplePackets.Udp4(10, source: 0), _pool, out _));
        Assert.False(icmp.TryBuild(Start, SamplePackets.Udp4(10, source: 0xE000_0001), _pool, out _));
        Assert.False(icmp.TryBuild(Start, [], _pool, out _));
        Assert.Equal(0, icmp.Suppressed);
    }

    [Fact]
    public void Answers_are_limited_and_come_back_with_time()
    {
        var icmp = new IcmpUnreachable(perSecond: 10, burst: 3);
        byte[] original = SamplePackets.Udp4(10);
        Assert.Equal(3, Count(icmp, Start, original, 8));
        Assert.Equal(5, icmp.Suppressed);
        Assert.Equal(2, Count(icmp, Start + TimeSpan.FromMilliseconds(200), original, 8));
        Assert.Equal(3, Count(icmp, Start + TimeSpan.FromMinutes(5), original, 8));
    }

    private int Count(IcmpUnreachable icmp, Instant now, byte[] original, int tries)
    {
        int answers = 0;
        for (int i = 0; i < tries; i++)
        {
            if (icmp.TryBuild(now, original, _pool, out Packet? answer))
            {
                answers++;
                answer.Dispose();
            }
        }

        return answers;
    }
}

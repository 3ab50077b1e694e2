using System;
using System.Linq;
using EdgeMesh.Addresses;
using EdgeMesh.Libp2p.Identify;
using Xunit;

namespace EdgeMesh.UnitTests.Libp2p.Identify;

public sealed class IdentifyCodecTests
{
    private static readonly IdentifyInfo Info = new()
    {
        PublicKey = new byte[] { 8, 1, 18, 1, 9 },
        ListenAddresses = [Multiaddr.Parse("/ip4/127.0.0.1/tcp/20006"), Multiaddr.Parse("/ip6/::1/tcp/4001")],
        Protocols = ["/ipfs/id/1.0.0", "/a"],
        ObservedAddress = Multiaddr.Parse("/ip4/192.0.2.1/tcp/7"),
        ProtocolVersion = "edgemesh/1.0.0",
        AgentVersion = "agent/1",
        SignedPeerRecord = new byte[] { 1, 2, 3 },
    };

    [Fact]
    public void What_is_written_is_read()
    {
        Assert.True(IdentifyCodec.TryDecode(IdentifyCodec.Encode(Info), out IdentifyInfo? read));
        Assert.Equal(Info.PublicKey!.Value.ToArray(), read.PublicKey!.Value.ToArray());
        Assert.Equal(Info.ListenAddresses!, read.ListenAddresses!);
        Assert.Equal(Info.Protocols!, read.Protocols!);
        Assert.Equal(Info.ObservedAddress, read.ObservedAddress);
        Assert.Equal(Info.ProtocolVersion, read.ProtocolVersion);
        Assert.Equal(Info.AgentVersion, read.AgentVersion);
        Assert.Equal(Info.SignedPeerRecord!.Value.ToArray(), read.SignedPeerRecord!.Value.ToArray());
    }

    [Fact]
    public void Every_truncation_but_those_between_messages_is_refused()
    {
        byte[] whole = IdentifyCodec.Encode(Info);
        int between = whole.Length - 6; // the signed record: length, tag, length, 3 bytes
        for (int length = 0; length < whole.Length; length++)
        {
            Assert.Equal(length == between, IdentifyCodec.TryDecode(whole.AsSpan(0, length), out _));
        }
    }

    [Fact]
    public void Messages_of_one_stream_are_merged()
    {
        byte[] first = IdentifyCodec.Encode(new IdentifyInfo { Protocols = ["/a"], AgentVersion = "old" });
        byte[] second = IdentifyCodec.Encode(new IdentifyInfo { Protocols = ["/b"], AgentVersion = "new" });
        Assert.True(IdentifyCodec.TryDecode([.. first, .. second], out IdentifyInfo? merged));
        Assert.Equal(["/a", "/b"], merged.Protocols!);
        Assert.Equal("new", merged.AgentVersion);
    }

    [Fact]
    public void A_push_changes_what_it_names()
    {
        IdentifyInfo merged = Info.With(new IdentifyInfo { Protocols = ["/b"] });
        Assert.Equal(["/b"], merged.Protocols!);
        Assert.Equal(Info.AgentVersion, merged.AgentVersion);
        Assert.Equal(Info.ListenAddresses, merged.ListenAddresses);
    }

    [Fact]
    public void Addresses_that_can_not_be_read_are_left_out()
    {
        byte[] bytes = [14, 0x12, 2, 0xff, 0xff, 0x12, 8, 4, 127, 0, 0, 1, 6, 0x4e, 0x26];
        Assert.True(IdentifyCodec.TryDecode(bytes, out IdentifyInfo? info));
        Assert.Equal("/ip4/127.0.0.1/tcp/20006", Assert.Single(info.ListenAddresses!).ToString());
    }

    [Fact]
    public void More_addresses_or_protocols_than_the_limit_are_refused()
    {
        static byte[] Protocols(int count) => IdentifyCodec.Encode(
            new IdentifyInfo { Protocols = [.. Enumerable.Repeat("/a", count)] });
        Assert.True(IdentifyCodec.TryDecode(Protocols(IdentifyLimits.NamedMax), out _));
        Assert.False(IdentifyCodec.TryDecode(Protocols(IdentifyLimits.NamedMax + 1), out _));

        static byte[] Addresses(int count) => IdentifyCodec.Encode(
            new IdentifyInfo { ListenAddresses = [.. Enumerable.Repeat(Info.ListenAddresses![0], count)] });
        Assert.True(IdentifyCodec.TryDecode(Addresses(IdentifyLimits.NamedMax), out _));
        Assert.False(IdentifyCodec.TryDecode(Addresses(IdentifyLimits.NamedMax + 1), out _));
    }

    [Fact]
    public void More_or_longer_messages_than_the_limits_are_refused()
    {
        byte[] one = IdentifyCodec.Encode(new IdentifyInfo { AgentVersion = "a" });
        byte[] Many(int count) => [.. Enumerable.Repeat(one, count).SelectMany(bytes => bytes)];
        Assert.True(IdentifyCodec.TryDecode(Many(IdentifyLimits.MessagesMax), out _));
        Assert.False(IdentifyCodec.TryDecode(Many(IdentifyLimits.MessagesMax + 1), out _));

        string Long(int length) => new('a', length);
        Assert.True(IdentifyCodec.TryDecode(
            IdentifyCodec.Encode(new IdentifyInfo { AgentVersion = Long(IdentifyLimits.MessageBytesMax - 3) }), out _));
        Assert.False(IdentifyCodec.TryDecode(
            IdentifyCodec.Encode(new IdentifyInfo { AgentVersion = Long(IdentifyLimits.MessageBytesMax - 2) }), out _));
    }
}

using System;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Packets.Headers;
using EdgeMesh.SystemTests.Fixtures;
using EdgeMesh.SystemTests.Hostile;
using Xunit;

namespace EdgeMesh.SystemTests.Traffic;

/// <summary>IPv6 packets with chains of extension headers that a kernel forwards pass the tunnel.</summary>
public sealed class ExtensionHeaderTests(DefaultFixture fixture) : IClassFixture<DefaultFixture>
{
    private const byte DestinationOptions = 60;
    private const int ExtensionBytes = 8;
    private const int UdpBytes = 8;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Datagram_after_ten_extension_headers_arrives()
    {
        fixture.RequireMesh();
        LabPod to = fixture.Lab.Pod("cloud-1-pod1");
        using Socket far = to.Network.BindUdp(new IPEndPoint(to.Plan.Address6, 0));
        using TunSocket tun = await TunSocket.OpenAsync(fixture.Lab.Node("edge-a").Network);
        byte[] payload = [1, 2, 3, 4, 5, 6];
        tun.Send(Packet(10, Udp((ushort)((IPEndPoint)far.LocalEndPoint!).Port, payload)));
        far.ReceiveTimeout = (int)Patience.TotalMilliseconds;
        byte[] received = new byte[100];
        Assert.Equal(payload, received[..far.Receive(received)]);
        await AssertNothingMalformedAsync();
    }

    [Theory]
    [InlineData(0)] // the first header of the chain is not there
    [InlineData(4)] // half of it is
    public async Task Chain_that_is_cut_short_passes_and_does_not_make_the_peer_suspect(int bytes)
    {
        fixture.RequireMesh();
        const int Packets = 20;
        MeshNode near = fixture.Mesh.Node("edge-a");
        MeshNode far = fixture.Mesh.Node("cloud-1");
        using TunSocket tun = await TunSocket.OpenAsync(near.Node.Network);
        long before = (await far.StatusAsync()).Count("packets_delivered");
        byte[] whole = Packet(1, new byte[UdpBytes]);
        byte[] packet = whole[..(Ipv6Header.SizeBytes + bytes)];
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)bytes);
        for (int i = 0; i < Packets; i++)
        {
            tun.Send(packet);
        }

        Assert.True(
            await Eventually.IsTrueAsync(
                async () => (await far.StatusAsync()).Count("packets_delivered") >= before + Packets, Patience),
            $"at {near.Name}: {(await near.AskAsync("drops")).Raw} at {far.Name}: {(await far.AskAsync("drops")).Raw}");
        await AssertNothingMalformedAsync();
    }

    private async Task AssertNothingMalformedAsync()
    {
        foreach (MeshNode node in fixture.Mesh.Nodes)
        {
            Assert.DoesNotContain("malformed", await node.DropsAsync());
        }
    }

    private byte[] Packet(int extensions, byte[] udp)
    {
        byte[] packet = new byte[Ipv6Header.SizeBytes + (extensions * ExtensionBytes) + udp.Length];
        packet[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)(packet.Length - Ipv6Header.SizeBytes));
        packet[6] = DestinationOptions;
        packet[7] = 64;
        fixture.Lab.Pod("edge-a-pod1").Plan.Address6.TryWriteBytes(packet.AsSpan(8), out _);
        fixture.Lab.Pod("cloud-1-pod1").Plan.Address6.TryWriteBytes(packet.AsSpan(24), out _);
        for (int i = 0; i < extensions; i++)
        {
            Span<byte> extension = packet.AsSpan(Ipv6Header.SizeBytes + (i * ExtensionBytes), ExtensionBytes);
            extension[0] = i + 1 < extensions ? DestinationOptions : IpProtocol.Udp;
            extension[2] = 1; // PadN: four zeros
            extension[3] = 4;
        }

        Span<byte> datagram = packet.AsSpan(packet.Length - udp.Length);
        udp.CopyTo(datagram);
        ulong pseudo = InternetChecksum.PseudoHeader6(packet, IpProtocol.Udp, udp.Length);
        ushort sum = InternetChecksum.Finish(InternetChecksum.Sum(datagram, pseudo));
        BinaryPrimitives.WriteUInt16BigEndian(datagram[6..], sum);
        return packet;
    }

    private static byte[] Udp(ushort port, byte[] payload)
    {
        byte[] datagram = new byte[UdpBytes + payload.Length];
        BinaryPrimitives.WriteUInt16BigEndian(datagram, 4000);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(2), port);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(4), (ushort)datagram.Length);
        payload.CopyTo(datagram.AsSpan(UdpBytes));
        return datagram;
    }
}

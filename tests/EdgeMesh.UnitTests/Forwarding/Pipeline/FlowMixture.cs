using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;
using EdgeMesh.UnitTests.Packets;
using Xunit;

namespace EdgeMesh.UnitTests.Forwarding.Pipeline;

/// <summary>
/// Packets of several flows, of every kind that can and can't be merged, and the order in which each flow has them.
/// </summary>
internal sealed class FlowMixture
{
    /// <summary>Flows that <see cref="Add"/> knows.</summary>
    public const int Flows = 8;

    /// <summary>Kinds of packets that <see cref="Add"/> knows.</summary>
    public const int Kinds = 12;

    private readonly Dictionary<string, int> _flowOf = [];
    private readonly Queue<byte[]>[] _fragments = [.. Enumerable.Range(0, Flows).Select(_ => new Queue<byte[]>())];
    private readonly uint[] _sequence = new uint[Flows];
    private readonly ushort[] _id = new ushort[Flows];
    private ushort _fragmentId = 40_000;

    public List<(byte[] Bytes, OffloadHeader Offload)> Packets { get; } = [];

    /// <summary>Adds a packet to a flow; of a fragmented datagram the next fragment.</summary>
    /// <param name="flow">Below <see cref="Flows"/>.</param>
    /// <param name="kind">Below <see cref="Kinds"/>.</param>
    /// <param name="size">0 to 3.</param>
    public void Add(int flow, int kind, int size)
    {
        bool isV4 = flow % 2 == 0;
        switch (kind)
        {
            case 0:
                Keep(flow, isV4 ? SampleVariants.WithOptions(Plain(flow, size)) : Extended(flow, size, 1));
                break;
            case 1:
                Keep(flow, isV4 ? SampleVariants.WithOptions(Plain(flow, size), 40) : Extended(flow, size, 11));
                break;
            case 2 or 3 when _fragments[flow].Count == 0:
                SampleVariants.Fragments(Plain(flow, 3), 240, _fragmentId++).ForEach(_fragments[flow].Enqueue);
                Keep(flow, _fragments[flow].Dequeue());
                break;
            case 2 or 3:
                Keep(flow, _fragments[flow].Dequeue());
                break;
            case 4:
                KeepSuper(flow);
                break;
            case 5:
                Keep(flow, Plain(flow, size, TcpHeader.Ack | TcpHeader.Psh));
                break;
            case 6:
                Keep(flow, Plain(flow, 0, TcpHeader.Ack | TcpHeader.Urg));
                break;
            default:
                Keep(flow, Plain(flow, size));
                break;
        }
    }

    /// <summary>What each flow's receiver shall see: a line per flow, super-packets cut.</summary>
    public List<string> Expected() => ByFlow(Packets.SelectMany(packet => Cut(packet.Bytes, packet.Offload)));

    /// <summary>The same of what came out.</summary>
    public List<string> ByFlow(IEnumerable<byte[]> segments) =>
    [
        .. segments.Select(Convert.ToHexString).GroupBy(hex => _flowOf[hex]).OrderBy(flow => flow.Key)
            .Select(flow => $"{flow.Key}: {string.Join(' ', flow)}"),
    ];

    /// <summary>The packets that an offloaded one stands for.</summary>
    public static List<byte[]> Cut(byte[] bytes, OffloadHeader offload)
    {
        if (offload.RawType == 0)
        {
            return [bytes];
        }

        var pool = new PacketPool(4 << 20);
        using Packet packet = SamplePackets.Rent(pool, bytes, offload);
        return SegmenterTests.Cut(packet, pool);
    }

    // Flows 0 to 3 are UDP, 4 to 7 TCP; even ones IPv4. Pairs of them differ in their ports only.
    private byte[] Plain(int flow, int size, byte flags = TcpHeader.Ack)
    {
        int bytes = size == 3 ? 700 : 100 * size;
        ushort port = (ushort)(1000 + (flow / 2 % 2));
        ushort id = _id[flow]++;
        uint sequence = _sequence[flow];
        _sequence[flow] += (uint)bytes;
        return (flow < Flows / 2, flow % 2 == 0) switch
        {
            (true, true) => SamplePackets.Udp4(bytes, id, sourcePort: port),
            (true, false) => SamplePackets.Udp6(bytes, port),
            (false, true) => SamplePackets.Tcp4(bytes, sequence, flags, id, sourcePort: port),
            _ => SamplePackets.Tcp6(bytes, sequence, flags, port),
        };
    }

    private byte[] Extended(int flow, int size, int count) => SampleVariants.WithExtensions(Plain(flow, size), count);

    private void KeepSuper(int flow)
    {
        byte[] packet = Plain(flow, 3);
        OffloadType tcp = flow % 2 == 0 ? OffloadType.Tcp4 : OffloadType.Tcp6;
        OffloadType type = flow < Flows / 2 ? OffloadType.Udp : tcp;
        OffloadHeader offload = DelivererTests.Super(packet, type, 200);
        _id[flow] += 3;
        Keep(flow, packet, offload);
    }

    private void Keep(int flow, byte[] packet, OffloadHeader offload = default)
    {
        Packets.Add((packet, offload));
        foreach (byte[] segment in Cut(packet, offload))
        {
            string hex = Convert.ToHexString(segment);
            Assert.Equal(flow, _flowOf.GetValueOrDefault(hex, flow)); // else the sample could not tell flows apart
            _flowOf[hex] = flow;
        }
    }
}

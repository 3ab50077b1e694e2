using System;
using System.Collections.Generic;
using EdgeMesh.Benchmarks.Forwarding;
using EdgeMesh.Benchmarks.Routing;
using EdgeMesh.Forwarding;
using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Forwarding.Pipeline;
using EdgeMesh.Forwarding.Routing;
using EdgeMesh.Noise;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;

namespace EdgeMesh.Perf.Micro;

/// <summary>The operations that every packet pays for.</summary>
internal sealed class MicroOperations : IDisposable
{
    private const int Prefixes = 100_000;
    private const int Addresses = 1 << 16;
    private const int HotAddresses = 256;
    private const int PoolBytes = 4 << 20;

    private readonly PacketPool _pool = new(PoolBytes);
    private readonly Forwarder _forwarder = new(flowSeed: 1);
    private readonly CapsuleBatch _batch = new();
    private readonly CapsuleReader _reader;
    private readonly CipherState _sealing = new(new byte[NoiseLimits.KeyBytes]);
    private readonly List<Packet> _packets = [];

    /// <summary>Rents what they work on.</summary>
    public MicroOperations() => _reader = new CapsuleReader(_pool);

    /// <summary>All of them.</summary>
    public IReadOnlyList<MicroOperation> All() =>
    [
        .. Lookups(), .. Ciphers(64), .. Ciphers(1400), .. Ciphers(NoiseLimits.PlaintextBytesMax), .. Packets(64),
        .. Packets(1400),
    ];

    /// <inheritdoc/>
    public void Dispose()
    {
        _packets.ForEach(packet => packet.Dispose());
        _reader.Dispose();
        _sealing.Dispose();
    }

    private static IEnumerable<MicroOperation> Lookups()
    {
        Route4[] routes = RouteSamples.Routes4(RouteKind.Internet, Prefixes);
        RoutingTable4 table = RoutingTable4.Compile(routes);
        uint[] addresses = RouteSamples.Addresses4(routes, Addresses);
        int Look(int mask)
        {
            int found = 0;
            for (int i = 0; i < Addresses; i++)
            {
                found += table.Lookup(addresses[i & mask]).IsPeer ? 1 : 0;
            }

            return found;
        }

        yield return new MicroOperation(
            "route lookup, random", $"{Prefixes} prefixes", Addresses, () => Look(Addresses - 1));
        yield return new MicroOperation(
            "route lookup, hot", $"{Prefixes} prefixes", Addresses, () => Look(HotAddresses - 1));
    }

    private IEnumerable<MicroOperation> Ciphers(int bytes)
    {
        byte[] plain = new byte[bytes];
        byte[] message = new byte[bytes + NoiseLimits.TagBytes];
        yield return new MicroOperation("seal", $"{bytes} B", 1, () =>
        {
            _sealing.Seal(plain, message);
            return message[0];
        });

        // Each message opens once, as the nonce moves on: both ends in one call, so seal's time is part of it.
        var near = new CipherState(new byte[NoiseLimits.KeyBytes]);
        var far = new CipherState(new byte[NoiseLimits.KeyBytes]);
        yield return new MicroOperation("seal and open", $"{bytes} B", 1, () =>
        {
            near.Seal(plain, message);
            return far.TryOpenInPlace(message, out int length) ? length
                : throw new InvalidOperationException("sealed, not opened");
        });
    }

    private IEnumerable<MicroOperation> Packets(int bytes)
    {
        string size = $"{bytes} B";
        var packets = new Packet[Limits.BatchPackets];
        for (int i = 0; i < packets.Length; i++)
        {
            packets[i] = BenchmarkPackets.Udp(_pool, bytes);
        }

        _packets.AddRange(packets);
        _ = Gather(packets);
        byte[] frame = _batch.Frame[Limits.FrameHeaderBytes..].ToArray();
        yield return new MicroOperation("forwarder: parse and route", size, packets.Length, () => Route(packets));
        yield return new MicroOperation("capsules: gather", size, packets.Length, () => Gather(packets));
        int inFrame = Read(frame);
        yield return new MicroOperation("capsules: read and check", size, inFrame, () => Read(frame));
        yield return new MicroOperation("checksum", size, 1, () =>
            InternetChecksum.Fold(InternetChecksum.Sum(packets[0].Bytes)));
        yield return new MicroOperation("pool: rent and return", size, 1, () =>
        {
            bool isRented = _pool.TryRent(bytes, out Packet? packet);
            packet?.Dispose();
            return isRented ? 1 : 0;
        });
    }

    private int Route(Packet[] packets)
    {
        int sent = 0;
        foreach (Packet packet in packets)
        {
            sent += _forwarder.Route(packet, BenchmarkPackets.SenderTables, out _) == DropReason.None ? 1 : 0;
        }

        return sent;
    }

    // A frame holds a part of a batch of large packets; then the next frame begins.
    private int Gather(Packet[] packets)
    {
        _batch.Clear();
        foreach (Packet packet in packets)
        {
            if (!_batch.TryAdd(packet))
            {
                _batch.Clear();
                _batch.TryAdd(packet);
            }
        }

        return _batch.Count;
    }

    private int Read(byte[] frame)
    {
        int delivered = 0;
        Span<byte> data = frame;
        while (_reader.Read(ref data, out CapsuleView capsule) == CapsuleStatus.Complete)
        {
            DropReason drop = Deliverer.Check(
                capsule.Type, capsule.Value, BenchmarkPackets.Peer, BenchmarkPackets.ReceiverTables,
                HelloFeatures.All);
            delivered += drop == DropReason.None ? 1 : throw new InvalidOperationException($"dropped: {drop}");
        }

        return delivered;
    }
}

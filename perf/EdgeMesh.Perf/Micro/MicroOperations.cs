using System;
using System.Collections.Generic;
using EdgeMesh.Benchmarks.Forwarding;
using EdgeMesh.Benchmarks.Routing;
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
    private readonly CipherState _sealing = new(new byte[NoiseLimits.KeyBytes]);
    private readonly List<PipelineOperations> _pipelines = [];

    /// <summary>All of them.</summary>
    public IReadOnlyList<MicroOperation> All() =>
    [
        .. Lookups(), .. Ciphers(64), .. Ciphers(1400), .. Ciphers(NoiseLimits.PlaintextBytesMax), .. Packets(64),
        .. Packets(1400),
    ];

    /// <inheritdoc/>
    public void Dispose()
    {
        _pipelines.ForEach(pipeline => pipeline.Dispose());
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
        var pipeline = new PipelineOperations(_pool, bytes);
        _pipelines.Add(pipeline);
        _ = pipeline.Gather();
        byte[] frame = pipeline.CopyFrame();
        yield return new MicroOperation("forwarder: parse and route", size, Limits.BatchPackets, pipeline.Route);
        yield return new MicroOperation("capsules: gather", size, Limits.BatchPackets, pipeline.Gather);
        yield return new MicroOperation(
            "capsules: read and check", size, pipeline.Read(frame), () => pipeline.Read(frame));
        yield return new MicroOperation("checksum", size, 1, () =>
            InternetChecksum.Fold(InternetChecksum.Sum(pipeline.First.Bytes)));
        yield return new MicroOperation("pool: rent and return", size, 1, () =>
        {
            bool isRented = _pool.TryRent(bytes, out Packet? packet);
            packet?.Dispose();
            return isRented ? 1 : 0;
        });
    }
}

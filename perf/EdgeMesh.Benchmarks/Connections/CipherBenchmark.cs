using System;
using BenchmarkDotNet.Attributes;
using EdgeMesh.Noise;

namespace EdgeMesh.Benchmarks.Connections;

/// <summary>One Noise message, sealed from a slot into a send buffer or opened where it lies.</summary>
[MemoryDiagnoser]
public class CipherBenchmark
{
    private readonly byte[] _plaintext = new byte[NoiseLimits.PlaintextBytesMax];
    private readonly byte[] _message = new byte[NoiseLimits.MessageBytesMax];
    private readonly CipherState _seal = new(new byte[NoiseLimits.KeyBytes]);
    private readonly CipherState _sealForOpen = new(new byte[NoiseLimits.KeyBytes]);
    private readonly CipherState _open = new(new byte[NoiseLimits.KeyBytes]);

    [Params(64, 1400, 16_384, NoiseLimits.PlaintextBytesMax)]
    public int Bytes { get; set; }

    [Benchmark]
    public void Seal() =>
        _seal.Seal(_plaintext.AsSpan(0, Bytes), _message.AsSpan(0, Bytes + NoiseLimits.TagBytes));

    [Benchmark]
    public bool Seal_and_open()
    {
        // A message opens once only, so that opening alone can't be repeated.
        Span<byte> message = _message.AsSpan(0, Bytes + NoiseLimits.TagBytes);
        _sealForOpen.Seal(_plaintext.AsSpan(0, Bytes), message);
        return _open.TryOpenInPlace(message, out _);
    }
}

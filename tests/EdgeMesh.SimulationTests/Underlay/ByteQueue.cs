using System;

namespace EdgeMesh.SimulationTests.Underlay;

/// <summary>Bytes, first in, first out.</summary>
internal sealed class ByteQueue
{
    private byte[] _bytes = [];
    private int _start;

    public int Count { get; private set; }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        if (_start + Count + bytes.Length > _bytes.Length)
        {
            byte[] target = Count + bytes.Length > _bytes.Length
                ? new byte[Math.Max(4096, (Count + bytes.Length) * 2)]
                : _bytes;
            Buffer.BlockCopy(_bytes, _start, target, 0, Count);
            _bytes = target;
            _start = 0;
        }

        bytes.CopyTo(_bytes.AsSpan(_start + Count));
        Count += bytes.Length;
    }

    public int Take(Span<byte> target)
    {
        int taken = Math.Min(target.Length, Count);
        _bytes.AsSpan(_start, taken).CopyTo(target);
        _start += taken;
        Count -= taken;
        return taken;
    }

    public void Clear()
    {
        _bytes = [];
        _start = 0;
        Count = 0;
    }
}

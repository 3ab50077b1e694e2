using System;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Packets;
using EdgeMesh.Underlay;

namespace EdgeMesh.Io.Tun;

/// <summary>Writes one packet for each flush.</summary>
internal sealed class TunPipeWriter(PacketDevice device, PacketPool pool) : PipeWriter
{
    private Packet? _current; // the packet that GetMemory gave out
    private int _bytes;
    private bool _isCompleted;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        ObjectDisposedException.ThrowIf(_isCompleted, this);
        if (_current is null && !pool.TryRent(Limits.PacketBytesMax, out _current))
        {
            throw new InvalidOperationException("the packet pool is empty: raise --pool-mib");
        }

        return _current.Slot.Slice(Packet.PacketOffset + _bytes, _current.Capacity - _bytes);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes) => _bytes += bytes;

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_current is { } packet && _bytes > 0)
        {
            packet.SetLength(_bytes);
            _current = null;
            _bytes = 0;
            device.Write(packet);
            device.Flush();
        }

        return new ValueTask<FlushResult>(new FlushResult(isCanceled: false, isCompleted: _isCompleted));
    }

    public override void CancelPendingFlush()
    {
        // A flush never waits.
    }

    public override void Complete(Exception? exception = null)
    {
        _isCompleted = true;
        _current?.Dispose();
        _current = null;
    }
}

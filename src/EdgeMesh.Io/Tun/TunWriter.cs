using System;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Packets;

namespace EdgeMesh.Io.Tun;

/// <summary>Packets to a TUN queue, many per system call where the kernel allows it.</summary>
public sealed class TunWriter : PipeWriter
{
    internal TunWriter()
    {
    }

    /// <summary>Packets that the kernel refused.</summary>
    public long WriteErrors => throw new NotSupportedException();

    /// <summary>Packets that the kernel took.</summary>
    public long Packets => throw new NotSupportedException();

    /// <summary>Queues a packet with its offload header; takes ownership.</summary>
    public void Write(Packet packet) => throw new NotSupportedException();

    /// <summary>Queues a packet that stays where it is: pinned memory, untouched until <see cref="Flush"/> returns.</summary>
    /// <param name="offloadHeader">Its 10 bytes, copied; or empty: no offload.</param>
    /// <param name="packet">The IP packet.</param>
    public void WriteBorrowed(ReadOnlySpan<byte> offloadHeader, ReadOnlySpan<byte> packet) => throw new NotSupportedException();

    /// <summary>Hands every queued packet to the kernel.</summary>
    /// <returns>How many the kernel refused since the last call.</returns>
    public int Flush() => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Advance(int bytes) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void CancelPendingFlush()
    {
    }

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override Memory<byte> GetMemory(int sizeHint = 0) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override Span<byte> GetSpan(int sizeHint = 0) => throw new NotSupportedException();
}

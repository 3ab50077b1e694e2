using System;
using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Tasks;
using Xunit;

namespace EdgeMesh.UnitTests.Libp2p.Security;

/// <summary>Two ends and a link between them that delays, spoils and cuts, always the same way.</summary>
internal sealed class FaultyLink
{
    private readonly Pipe _fromA = LinkEnd.InlinePipe();
    private readonly Pipe _toB = LinkEnd.InlinePipe();
    private readonly Pipe _fromB = LinkEnd.InlinePipe();
    private readonly Pipe _toA = LinkEnd.InlinePipe();
    private readonly LinkFault _there;
    private readonly LinkFault _back;
    private long _bytesThere;
    private long _bytesBack;

    public FaultyLink(LinkFault there, LinkFault back)
    {
        _there = there;
        _back = back;
        A = new LinkEnd(_toA.Reader, _fromA.Writer);
        B = new LinkEnd(_toB.Reader, _fromB.Writer);
    }

    public LinkEnd A { get; }

    public LinkEnd B { get; }

    /// <summary>Bytes from A to B so far.</summary>
    public long BytesThere => _bytesThere;

    /// <summary>Bytes from B to A so far.</summary>
    public long BytesBack => _bytesBack;

    /// <summary>Delivers until both tasks are done; closes the link once nothing moves any more.</summary>
    public void Run(Task a, Task b)
    {
        bool isClosed = false;
        while (!a.IsCompleted || !b.IsCompleted)
        {
            bool moved = Deliver(_fromA.Reader, _toB.Writer, _there, ref _bytesThere);
            moved |= Deliver(_fromB.Reader, _toA.Writer, _back, ref _bytesBack);
            if (!moved)
            {
                Assert.False(isClosed, "an end waits although its connection is closed");
                isClosed = true;
                _toA.Writer.Complete();
                _toB.Writer.Complete();
            }
        }
    }

    private static bool Deliver(PipeReader from, PipeWriter to, LinkFault fault, ref long position)
    {
        if ((fault.CutAt >= 0 && position >= fault.CutAt) || !from.TryRead(out ReadResult result))
        {
            return false;
        }

        long length = Math.Min(result.Buffer.Length, fault.ChunkBytes);
        length = fault.CutAt < 0 ? length : Math.Min(length, fault.CutAt - position);
        byte[] bytes = result.Buffer.Slice(0, length).ToArray();
        if (fault.FlipAt >= position && fault.FlipAt < position + length)
        {
            bytes[fault.FlipAt - position] ^= 0x01;
        }

        position += length;
        from.AdvanceTo(result.Buffer.GetPosition(length));
        to.Write(bytes);
        _ = to.FlushAsync().AsTask(); // completes at once, or when the reader catches up: nobody needs to know
        return length > 0;
    }
}

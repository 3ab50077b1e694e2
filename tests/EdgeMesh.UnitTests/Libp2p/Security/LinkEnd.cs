using System.IO.Pipelines;

namespace EdgeMesh.UnitTests.Libp2p.Security;

/// <summary>One end of a connection in memory. Everything runs inline: no thread, no waiting.</summary>
internal sealed class LinkEnd(PipeReader input, PipeWriter output) : IDuplexPipe
{
    public PipeReader Input { get; } = input;

    public PipeWriter Output { get; } = output;

    /// <summary>A pipe whose continuations run where the bytes are written or read.</summary>
    public static Pipe InlinePipe() => new(new PipeOptions(
        readerScheduler: PipeScheduler.Inline,
        writerScheduler: PipeScheduler.Inline,
        useSynchronizationContext: false));

    /// <summary>Two ends that are joined directly.</summary>
    public static (LinkEnd A, LinkEnd B) Pair()
    {
        Pipe there = InlinePipe();
        Pipe back = InlinePipe();
        return (new LinkEnd(back.Reader, there.Writer), new LinkEnd(there.Reader, back.Writer));
    }
}

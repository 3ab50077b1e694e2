using System.IO.Pipelines;

namespace EdgeMesh.UnitTests.Libp2p.Security;

/// <summary>Two ends of a connection in memory.</summary>
internal sealed class DuplexPipe(PipeReader input, PipeWriter output) : IDuplexPipe
{
    public PipeReader Input { get; } = input;

    public PipeWriter Output { get; } = output;

    public static (DuplexPipe A, DuplexPipe B) Pair()
    {
        var there = new Pipe(new PipeOptions(useSynchronizationContext: false));
        var back = new Pipe(new PipeOptions(useSynchronizationContext: false));
        return (new DuplexPipe(back.Reader, there.Writer), new DuplexPipe(there.Reader, back.Writer));
    }
}

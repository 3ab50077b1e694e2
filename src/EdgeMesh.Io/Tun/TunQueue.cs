using System;
using System.IO.Pipelines;

namespace EdgeMesh.Io.Tun;

/// <summary>One queue of a TUN device as a pipe of packets.</summary>
public sealed class TunQueue : IDuplexPipe, IDisposable
{
    internal TunQueue()
    {
    }

    /// <summary>Packets from the kernel.</summary>
    public TunReader Input => throw new NotSupportedException();

    /// <summary>Packets to the kernel.</summary>
    public TunWriter Output => throw new NotSupportedException();

    PipeReader IDuplexPipe.Input => Input;

    PipeWriter IDuplexPipe.Output => Output;

    /// <summary>Ends what is pending and closes the queue.</summary>
    public void Dispose()
    {
    }
}

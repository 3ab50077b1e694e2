using System.Collections.Generic;
using EdgeMesh.Io.Loops;
using EdgeMesh.Native;

namespace EdgeMesh.Io.Sockets;

/// <summary>An accept that may bring many connections; they wait here until somebody takes them.</summary>
internal sealed class AcceptOperation(TcpListener listener) : LoopOperation
{
    private readonly Queue<int> _results = new();

    /// <summary>Connections, and errors, that nobody has taken yet.</summary>
    public int Waiting => _results.Count;

    /// <summary>Takes the oldest.</summary>
    /// <param name="result">A descriptor, or a negated errno.</param>
    public bool TryTake(out int result) => _results.TryDequeue(out result);

    protected override void Answered(int result)
    {
        // The far end gave up before it was accepted, or we did: no concern of whoever waits.
        if (result is not (-Errno.ECANCELED or -Errno.ECONNABORTED or -Errno.EAGAIN or -Errno.EINTR))
        {
            _results.Enqueue(result);
        }
    }

    protected override void Completed() => listener.HandleAccepted();
}

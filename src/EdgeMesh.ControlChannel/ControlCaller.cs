using System.Threading;

namespace EdgeMesh.ControlChannel;

/// <summary>Who is at the other end of a server's connection, as the kernel says (SO_PEERCRED).</summary>
public sealed class ControlCaller
{
    private int _hasApplied; // written by the connection's own task, read by everyone

    internal ControlCaller(long connection, int processId, uint userId)
    {
        Connection = connection;
        ProcessId = processId;
        UserId = userId;
    }

    /// <summary>Number of the connection; never used again within this server.</summary>
    public long Connection { get; }

    /// <summary>Process id of the caller, 0 if it lives in a process namespace that isn't ours.</summary>
    public int ProcessId { get; }

    /// <summary>User id of the caller.</summary>
    public uint UserId { get; }

    /// <summary>Has this connection sent a snapshot or a delta, so that it is a control process?</summary>
    public bool IsControl => Volatile.Read(ref _hasApplied) != 0;

    /// <summary>Notes that the connection has sent a snapshot or a delta.</summary>
    /// <returns>True the first time only.</returns>
    internal bool MarkControl() => Interlocked.Exchange(ref _hasApplied, 1) == 0;
}

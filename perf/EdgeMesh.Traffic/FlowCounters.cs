using System.Threading;

namespace EdgeMesh.Traffic;

/// <summary>What one flow has counted. Written by the flow's thread, read by the one that takes intervals.</summary>
public sealed class FlowCounters
{
    private long _bytes;
    private long _packets;
    private long _errors;

    /// <summary>Payload so far.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Datagrams or transactions so far.</summary>
    public long Packets => Volatile.Read(ref _packets);

    /// <summary>Refused sends so far.</summary>
    public long Errors => Volatile.Read(ref _errors);

    /// <summary>Counts packets.</summary>
    public void Add(long packets, long bytes)
    {
        Volatile.Write(ref _packets, _packets + packets);
        Volatile.Write(ref _bytes, _bytes + bytes);
    }

    /// <summary>Counts a refused send.</summary>
    public void AddError() => Volatile.Write(ref _errors, _errors + 1);
}

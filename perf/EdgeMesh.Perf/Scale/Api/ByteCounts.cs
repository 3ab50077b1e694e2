using System.Threading;

namespace EdgeMesh.Perf.Scale.Api;

/// <summary>What passed through the connections of one port; any thread.</summary>
internal sealed class ByteCounts
{
    private long _received;
    private long _sent;
    private long _requests;
    private long _connections;

    /// <summary>Bytes from clients.</summary>
    public long Received => Volatile.Read(ref _received);

    /// <summary>Bytes to clients: of HTTP/1.1, without what TLS and TCP add.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>Requests.</summary>
    public long Requests => Volatile.Read(ref _requests);

    /// <summary>Connections that were taken, ever.</summary>
    public long Connections => Volatile.Read(ref _connections);

    /// <summary>Counts bytes from a client.</summary>
    public void AddReceived(int bytes) => Interlocked.Add(ref _received, bytes);

    /// <summary>Counts bytes to a client.</summary>
    public void AddSent(int bytes) => Interlocked.Add(ref _sent, bytes);

    /// <summary>Counts a request.</summary>
    public void AddRequest() => Interlocked.Increment(ref _requests);

    /// <summary>Counts a connection.</summary>
    public void AddConnection() => Interlocked.Increment(ref _connections);
}

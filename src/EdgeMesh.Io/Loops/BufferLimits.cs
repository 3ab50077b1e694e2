namespace EdgeMesh.Io.Loops;

/// <summary>Sizes of the buffers that a loop lends to its connections, bytes.</summary>
public static class BufferLimits
{
    /// <summary>A Noise message with its length, the largest thing that must be whole in a buffer.</summary>
    public const int MessageBytes = 2 + 65535;

    /// <summary>
    /// Receive buffer of an established connection, and the most that any has: two messages, so that one can arrive
    /// while one is handled.
    /// </summary>
    public const int ReceiveBytes = 2 * MessageBytes;

    /// <summary>
    /// Receive buffer while a connection's far end has not proven who it is: handshake messages are short. It doubles
    /// when a message does not fit.
    /// </summary>
    public const int HandshakeReceiveBytes = 4096;

    /// <summary>
    /// One send buffer: what may be written before a flush, five messages. A connection has none while nothing waits to
    /// be sent, one while the socket takes everything, and two while a flush waits and more is written after it.
    /// </summary>
    public const int SendBytes = 5 * MessageBytes;

    /// <summary>
    /// Send buffers kept while no connection needs them: two for each of eight busy peers. One that is not kept is
    /// garbage of the packet path.
    /// </summary>
    internal const int SendBuffersKeptMax = 16;

    /// <summary>Receive buffers kept while no handshake needs them: 1 MiB.</summary>
    internal const int HandshakeBuffersKeptMax = 256;
}

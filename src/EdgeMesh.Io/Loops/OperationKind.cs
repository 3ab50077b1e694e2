namespace EdgeMesh.Io.Loops;

/// <summary>What an operation asks of the kernel.</summary>
internal enum OperationKind
{
    /// <summary>Receive from a socket.</summary>
    Receive,

    /// <summary>Send to a socket, all of it.</summary>
    Send,

    /// <summary>Accept a connection.</summary>
    Accept,

    /// <summary>Connect a socket.</summary>
    Connect,

    /// <summary>Read from a device.</summary>
    Read,
}

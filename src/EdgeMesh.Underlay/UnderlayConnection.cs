using System;
using System.IO.Pipelines;
using EdgeMesh.Addresses;
using EdgeMesh.Packets;

namespace EdgeMesh.Underlay;

/// <summary>A byte stream to another node, as a pipe of one loop. Everything on the loop's thread.</summary>
/// <remarks>
/// Memory that its input hands out may be written to until it is given back: messages are decrypted in place. What the
/// far end closed or the network broke shows as the end of the input or as an
/// <see cref="System.IO.IOException"/>; disposing lets what was flushed leave, aborting does not.
/// </remarks>
public abstract class UnderlayConnection : IDuplexPipe, IDisposable
{
    /// <summary>What the far end sends.</summary>
    public abstract PipeReader Input { get; }

    /// <summary>What the far end gets.</summary>
    public abstract PipeWriter Output { get; }

    /// <summary>The near end.</summary>
    public abstract Multiaddr LocalAddress { get; }

    /// <summary>The far end.</summary>
    public abstract Multiaddr RemoteAddress { get; }

    /// <summary>When the far end, or its kernel, was last heard, acknowledgements included.</summary>
    public abstract Instant HeardAt { get; }

    /// <summary>Whether it may move to another loop. A relay's circuit lives where the connection that carries it does.
    /// </summary>
    public abstract bool CanMove { get; }

    /// <summary>
    /// Takes the connection from its loop. No read or flush may be under way, and nothing be unflushed.
    /// </summary>
    /// <exception cref="InvalidOperationException">Something is, or it can't move, or it was closed.</exception>
    public abstract DetachedConnection Detach();

    /// <summary>
    /// Ends the connection at once; what is unsent is lost. A read or flush under way ends with an exception, in the
    /// loop's next iteration.
    /// </summary>
    public abstract void Abort();

    /// <summary>Closes the connection; what was flushed is still sent.</summary>
    public abstract void Dispose();
}

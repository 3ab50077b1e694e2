using System;
using System.Net.Sockets;

namespace EdgeMesh.ControlChannel;

/// <summary>Something that a <see cref="ControlServer"/> has seen and an operator may want to know.</summary>
public abstract record ControlServerEvent
{
    private ControlServerEvent()
    {
    }

    /// <summary>A caller could not be taken: descriptors or memory are short. Later ones may be.</summary>
    /// <param name="Error">What the system said.</param>
    public sealed record AcceptFailed(SocketError Error) : ControlServerEvent;

    /// <summary>A caller was turned away.</summary>
    /// <param name="ProcessId">Process of the caller, 0 if it is in another process namespace.</param>
    /// <param name="UserId">Its user.</param>
    /// <param name="IsCrowded">True: there are too many connections; false: that user may not call.</param>
    public sealed record ConnectionRefused(int ProcessId, uint UserId, bool IsCrowded) : ControlServerEvent;

    /// <summary>A connection ended before its time.</summary>
    /// <param name="ProcessId">Process of the caller, 0 if it is in another process namespace.</param>
    /// <param name="Reason">Why, in words.</param>
    /// <param name="IsCallersFault">True: the caller broke the protocol or was too slow; false: it went away.</param>
    public sealed record ConnectionEnded(int ProcessId, string Reason, bool IsCallersFault) : ControlServerEvent;

    /// <summary>The handler threw what is no refusal; the connection has ended.</summary>
    /// <param name="ProcessId">Process of the caller, 0 if it is in another process namespace.</param>
    /// <param name="Failure">What it threw.</param>
    public sealed record RequestFailed(int ProcessId, Exception Failure) : ControlServerEvent;
}

using System;

namespace EdgeMesh.ControlChannel;

/// <summary>The control channel failed; the message names cause and remedy.</summary>
public sealed class ControlChannelException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="fault">What kind of failure.</param>
    /// <param name="message">Cause and remedy.</param>
    /// <param name="inner">What the system said, if anything.</param>
    public ControlChannelException(ControlFault fault, string message, Exception? inner = null)
        : base(message, inner) => Fault = fault;

    /// <summary>What kind of failure.</summary>
    public ControlFault Fault { get; }
}

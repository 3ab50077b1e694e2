using System;
using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.ControlChannel;

/// <summary>Thrown by a handler to answer a request with an error; the connection goes on.</summary>
public sealed class RequestRefusedException : Exception
{
    /// <summary>Makes the refusal.</summary>
    /// <param name="code">What the caller's program decides by.</param>
    /// <param name="message">Cause and remedy, for people.</param>
    public RequestRefusedException(ErrorCode code, string message)
        : base(message) => Code = code;

    /// <summary>What the caller's program decides by.</summary>
    public ErrorCode Code { get; }
}

namespace EdgeMesh.ControlChannel;

/// <summary>Why the control channel can't be used.</summary>
public enum ControlFault
{
    /// <summary>Nobody listens at the path.</summary>
    NotRunning,

    /// <summary>The path or the caller's user does not allow it.</summary>
    Forbidden,

    /// <summary>The other side did not answer in time.</summary>
    TimedOut,

    /// <summary>The connection ended.</summary>
    Closed,

    /// <summary>The other side sent bytes that are no message, or one over the limit.</summary>
    Malformed,

    /// <summary>The path is taken: a live socket, or something that is no socket.</summary>
    PathTaken,
}

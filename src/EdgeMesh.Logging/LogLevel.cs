namespace EdgeMesh.Logging;

/// <summary>How much a line of the log matters, most important first.</summary>
public enum LogLevel
{
    /// <summary>Something does not work until somebody acts.</summary>
    Error,

    /// <summary>Something is wrong, and the process goes on without it.</summary>
    Warn,

    /// <summary>What an operator wants to find later.</summary>
    Info,

    /// <summary>What a developer wants to see.</summary>
    Debug,
}

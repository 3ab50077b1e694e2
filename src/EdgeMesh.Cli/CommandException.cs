using System;

namespace EdgeMesh.Cli;

/// <summary>A command failed; the message is one sentence with cause and remedy.</summary>
internal sealed class CommandException(int exitCode, string message, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>One of <see cref="ExitCodes"/>.</summary>
    public int ExitCode { get; } = exitCode;
}

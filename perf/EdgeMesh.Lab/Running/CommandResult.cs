namespace EdgeMesh.Lab.Running;

/// <summary>What a command left behind when it ended.</summary>
/// <param name="Words">The command and its arguments, for messages.</param>
/// <param name="ExitCode">Its exit code; 128 + signal if a signal ended it.</param>
/// <param name="Output">What it wrote on stdout.</param>
/// <param name="ErrorOutput">What it wrote on stderr.</param>
public sealed record CommandResult(string Words, int ExitCode, string Output, string ErrorOutput)
{
    /// <summary>Whether the command said that it went well.</summary>
    public bool IsSuccess => ExitCode == 0;

    /// <summary>This result, if the command went well.</summary>
    /// <exception cref="LabException">It did not; the message holds what it said.</exception>
    public CommandResult OrThrow() => IsSuccess
        ? this
        : throw new LabException($"`{Words}` ended with {ExitCode}: {ErrorOutput.Trim()} {Output.Trim()}");
}

using System.CommandLine;

namespace EdgeMesh.Perf.Lab;

/// <summary><c>edgemesh-perf lab</c>: alternatives beside each other on this machine.</summary>
internal static class LabCommand
{
    /// <summary>The verb.</summary>
    public static Command Build(Terminal terminal)
    {
        var command = new Command("lab", "Measures alternatives beside each other on this machine, as root.");
        command.SetAction(_ =>
        {
            terminal.Errors.WriteLine("edgemesh-perf: lab is not there yet");
            return ExitCodes.CannotRun;
        });
        return command;
    }
}

using System;
using System.CommandLine;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Logging;

namespace EdgeMesh.ControlPlane.Installation;

/// <summary>The command <c>prepare</c> and its options: what an init container does on the node.</summary>
internal static class PrepareCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="level">The option of all commands.</param>
    /// <param name="run">Runs what it is given.</param>
    internal static Command Create(
        Option<string> level,
        Func<string, CancellationToken, Func<StructuredLog, CancellationToken, Task<int>>, Task<int>> run)
    {
        var profile = new Option<string?>("--seccomp-profile") { Description = "the data plane's seccomp profile" };
        var directory = new Option<string?>("--seccomp-directory")
        {
            Description = "the kubelet's directory of profiles",
        };
        var command = new Command("prepare",
            "Puts on the node what containers need before they are made (init container).")
        {
            profile, directory, level,
        };
        command.Validators.Add(parsed =>
        {
            if (parsed.GetValue(profile) is null != parsed.GetValue(directory) is null)
            {
                parsed.AddError("--seccomp-profile and --seccomp-directory belong together: give both");
            }
        });
        command.SetAction((parsed, cancel) => run(parsed.GetValue(level)!, cancel, (log, _) =>
        {
            if (parsed.GetValue(profile) is { } source)
            {
                SeccompProfile.Install(source, parsed.GetValue(directory)!, log);
            }

            return Task.FromResult(ExitCodes.Success);
        }));
        return command;
    }
}

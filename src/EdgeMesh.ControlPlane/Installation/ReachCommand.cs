using System;
using System.CommandLine;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Kubernetes.Access;
using EdgeMesh.Kubernetes.Requests;
using EdgeMesh.Logging;

namespace EdgeMesh.ControlPlane.Installation;

/// <summary>The command <c>reach</c> and its options: what <c>helm test</c> runs.</summary>
internal static class ReachCommand
{
    private const int TimeoutSecondsDefault = 60;

    /// <summary>Makes the command.</summary>
    /// <param name="level">The option of all commands.</param>
    /// <param name="run">Runs what it is given.</param>
    internal static Command Create(
        Option<string> level,
        Func<string, CancellationToken, Func<StructuredLog, CancellationToken, Task<int>>, Task<int>> run)
    {
        var ns = new Option<string>("--namespace") { Description = "the pods' namespace", Required = true };
        var selector = new Option<string>("--selector")
        {
            Description = "which pods, as kubectl's -l", Required = true,
        };
        var port = new Option<int>("--port") { Description = "TCP port at which they listen", Required = true };
        var seconds = new Option<int>("--timeout")
        {
            Description = "seconds to give up after", DefaultValueFactory = _ => TimeoutSecondsDefault,
        };
        var command = new Command("reach",
            "Connects to pods at their own addresses, as another pod does (helm test).")
        {
            ns, selector, port, seconds, level,
        };
        command.SetAction((parsed, cancel) => run(parsed.GetValue(level)!, cancel, (log, stop) => RunAsync(
            new ReachOptions(
                parsed.GetValue(ns)!, parsed.GetValue(selector)!, parsed.GetValue(port),
                TimeSpan.FromSeconds(parsed.GetValue(seconds))),
            log,
            stop)));
        return command;
    }

    private static async Task<int> RunAsync(ReachOptions options, StructuredLog log, CancellationToken stop)
    {
        if (!KubeAccess.TryInCluster(out KubeAccess? access, out string problem))
        {
            log.Error("no_api", ("problem", problem));
            return ExitCodes.Failure;
        }

        using var client = new KubeClient(access);
        return await new ReachCheck(client, options, log).RunAsync(stop) ? ExitCodes.Success : ExitCodes.Failure;
    }
}

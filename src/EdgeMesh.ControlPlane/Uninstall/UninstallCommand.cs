using System;
using System.CommandLine;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.ControlPlane.Controller;
using EdgeMesh.Kubernetes.Access;
using EdgeMesh.Kubernetes.Requests;
using EdgeMesh.Logging;

namespace EdgeMesh.ControlPlane.Uninstall;

/// <summary>The command <c>uninstall</c> and its options.</summary>
internal static class UninstallCommand
{
    private const int TimeoutSecondsDefault = 120;

    /// <summary>Makes the command.</summary>
    /// <param name="level">The option of all commands.</param>
    /// <param name="run">Runs it.</param>
    internal static Command Create(
        Option<string> level, Func<string, UninstallOptions, CancellationToken, Task<int>> run)
    {
        Option<string> ns = ControllerCommand.NamespaceOption();
        var daemonSet = new Option<string>("--daemonset") { Description = "the agents' DaemonSet", Required = true };
        var timeout = new Option<int>("--timeout")
        {
            Description = "seconds for all of it; nodes that have not answered by then are named",
            DefaultValueFactory = _ => TimeoutSecondsDefault,
        };
        Option<string?> kubeconfig = ControllerCommand.KubeconfigOption();
        var command = new Command("uninstall",
            "Removes the agents and everything they made, on every node of the cluster; before the release is deleted.")
        {
            ns, daemonSet, timeout, kubeconfig, level,
        };
        command.SetAction((parsed, cancel) => run(
            parsed.GetValue(level)!,
            new UninstallOptions(
                parsed.GetValue(ns)!, parsed.GetValue(daemonSet)!,
                TimeSpan.FromSeconds(Math.Max(1, parsed.GetValue(timeout))), parsed.GetValue(kubeconfig)),
            cancel));
        return command;
    }

    /// <summary>Runs it.</summary>
    /// <returns>The exit code.</returns>
    internal static async Task<int> RunAsync(UninstallOptions options, StructuredLog log, CancellationToken stop)
    {
        if (!ControllerProcess.TryFindAccess(options.Kubeconfig, out KubeAccess? access, out string problem))
        {
            log.Error("uninstall_failed", ("problem", problem));
            return ExitCodes.Failure;
        }

        using var client = new KubeClient(access!);
        return await new ClusterUninstall(client, options, log, TimeProvider.System).RunAsync(stop)
            ? ExitCodes.Success : ExitCodes.Failure;
    }
}

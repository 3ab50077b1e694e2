using System;
using System.CommandLine;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.ControlPlane.Health;

namespace EdgeMesh.ControlPlane.Controller;

/// <summary>The command <c>controller</c> and its options.</summary>
internal static class ControllerCommand
{
    /// <summary>Where probes ask unless told otherwise.</summary>
    internal const string HealthDefault = "127.0.0.1:9466";

    private const string SettingsDefault = "/etc/edgemesh/config/edgemesh-agent.yaml";
    private const string NamespaceDefault = "kubeedge";

    /// <summary>Makes the command.</summary>
    /// <param name="level">The option of all commands.</param>
    /// <param name="run">Runs it.</param>
    internal static Command Create(
        Option<string> level, Func<string, ControllerOptions, CancellationToken, Task<int>> run)
    {
        var settings = new Option<string>("--settings")
        {
            Description = "settings of the mesh; watched", DefaultValueFactory = _ => SettingsDefault,
        };
        Option<string> ns = NamespaceOption();
        var identity = new Option<string>("--identity")
        {
            Description = "who this is in the election; unique among replicas and restarts",
            DefaultValueFactory = _ => $"{Environment.MachineName}-{Guid.NewGuid():N}",
        };
        Option<string?> kubeconfig = KubeconfigOption();
        Option<HealthAddress> health = HealthAddress.Option(HealthDefault);
        var command = new Command("controller",
            "Composes the mesh of a cluster's nodes and pods, and publishes it. One of several leads.")
        {
            settings, ns, identity, kubeconfig, health, level,
        };
        command.SetAction((parsed, cancel) => run(
            parsed.GetValue(level)!,
            new ControllerOptions(
                parsed.GetValue(settings)!, parsed.GetValue(ns)!, parsed.GetValue(identity)!,
                parsed.GetValue(kubeconfig), parsed.GetValue(health)!.EndPoint),
            cancel));
        return command;
    }

    /// <summary>The option <c>--namespace</c>.</summary>
    internal static Option<string> NamespaceOption() => new("--namespace")
    {
        Description = "namespace of the mesh's objects",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("NAMESPACE") is { Length: > 0 } own
            ? own : NamespaceDefault,
    };

    /// <summary>The option <c>--kubeconfig</c>.</summary>
    internal static Option<string?> KubeconfigOption() =>
        new("--kubeconfig") { Description = "the way to the API; else the pod's service account" };
}

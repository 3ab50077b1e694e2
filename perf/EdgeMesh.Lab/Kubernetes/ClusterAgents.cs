using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Lab.Running;

namespace EdgeMesh.Lab.Kubernetes;

/// <summary>The release's pods: an agent on each node, and the controllers.</summary>
/// <param name="cluster">Where.</param>
public sealed class ClusterAgents(LabCluster cluster)
{
    private const string Socket = "/run/edgemesh/dataplane.sock";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>The agents' selector: upstream's.</summary>
    public const string AgentSelector = "kubeedge=edgemesh-agent";

    /// <summary>The controllers' selector.</summary>
    public const string ControllerSelector = "app.kubernetes.io/component=controller";

    /// <summary>The agent's pod on a node, as the API gives it.</summary>
    public async Task<CliView> PodAsync(ClusterNode node)
    {
        IReadOnlyList<CliView> pods = await PodsAsync(AgentSelector);
        return pods.First(pod =>
            pod.Child("spec").Has("nodeName") && pod.Child("spec").Text("nodeName") == node.Name &&
            !pod.Child("metadata").Has("deletionTimestamp"));
    }

    /// <summary>Pods of the release, as the API gives them.</summary>
    public async Task<IReadOnlyList<CliView>> PodsAsync(string selector) => CliView.Parse(
        (await cluster.KubectlAsync("-n", HelmRelease.Namespace, "get", "pods", "-l", selector, "-o", "json"))
        .OrThrow().Output).Items("items");

    /// <summary>What <c>edgemesh status</c> says on a node, asked on the node itself: no API is needed.</summary>
    /// <returns>Null if the data plane does not answer.</returns>
    public async Task<CliView?> StatusAsync(ClusterNode node)
    {
        foreach (int process in Processes(node, "edgemesh-dataplane"))
        {
            string socket = $"/proc/{process}/root{Socket}";
            if (File.Exists(socket))
            {
                CommandResult answer = await Command.RunAsync(
                    [Repository.Program("edgemesh"), "status", "-o", "json", "--socket", socket]);
                if (answer.IsSuccess)
                {
                    return CliView.Parse(answer.Output);
                }
            }
        }

        return null;
    }

    /// <summary>What the control process reported, within a status.</summary>
    public static CliView Report(CliView status) => status.Child("control_report");

    /// <summary>The ids, on this machine, of a node's processes of that name that run in containers.</summary>
    public static IReadOnlyList<int> Processes(ClusterNode node, string program)
    {
        var found = new List<int>();
        foreach (string directory in Directory.GetDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), out int process))
            {
                continue;
            }

            try
            {
                string groups = File.ReadAllText(directory + "/cgroup");
                string path = File.ReadAllText(directory + "/cmdline").Split('\0')[0];
                if (Path.GetFileName(path) == program &&
                    groups.Contains("/" + node.Plan.Role + "/kubepods", StringComparison.Ordinal) &&
                    groups.Contains(node.ControlGroup, StringComparison.Ordinal))
                {
                    found.Add(process);
                }
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // It ended meanwhile.
            }
        }

        return found;
    }

    /// <summary>The words a process was started with.</summary>
    public static string[] WordsOf(int process) =>
        File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/cmdline")).Split('\0');

    /// <summary>The uid of the pod that a process belongs to.</summary>
    public static string PodUidOf(int process)
    {
        string groups = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/cgroup"));
        string after = groups[(groups.IndexOf("/pod", StringComparison.Ordinal) + "/pod".Length)..];
        return after[..after.IndexOf('/', StringComparison.Ordinal)];
    }

    /// <summary>A process's resident memory, MiB.</summary>
    public static long ResidentMebibytes(int process) =>
        long.Parse(
            File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/statm")).Split(' ')[1],
            CultureInfo.InvariantCulture) * Environment.SystemPageSize >> 20;

    /// <summary>Waits until each node's data plane has a mesh and is connected to the other two.</summary>
    public async Task WaitUntilMeshedAsync()
    {
        string last = "";
        bool isMeshed = await Eventually.IsTrueAsync(
            async () =>
            {
                last = "";
                foreach (ClusterNode node in cluster.Nodes)
                {
                    CliView? status = await StatusAsync(node);
                    last += $"{node.Name}: {status?.Raw ?? "no answer"}\n";
                    if (status is null || status.Count("peers_connected") != cluster.Nodes.Count - 1)
                    {
                        return false;
                    }
                }

                return true;
            },
            Patience);
        if (!isMeshed)
        {
            throw new LabException(last + await DescribeAsync());
        }
    }

    /// <summary>Replaces the release's pods of which a container was restarted: a kubelet waits longer each time, and
    /// what one test has killed is not to make the next one wait.</summary>
    public async Task ReplaceRestartedAsync()
    {
        string[] names =
        [
            .. (await PodsAsync("app.kubernetes.io/instance=" + HelmRelease.Name))
                .Where(pod => pod.Child("status").Has("containerStatuses") &&
                    pod.Child("status").Items("containerStatuses").Any(status => status.Count("restartCount") > 0))
                .Select(pod => pod.Child("metadata").Text("name")),
        ];
        if (names.Length > 0)
        {
            (await cluster.KubectlAsync(
                ["-n", HelmRelease.Namespace, "delete", "pod", .. names], null, TimeSpan.FromSeconds(90))).OrThrow();
            await RolledOutAsync("daemonset/edgemesh-agent");
            await RolledOutAsync("deployment/edgemesh-controller");
        }
    }

    /// <summary>What the release's pods say of themselves, for a failed test's message.</summary>
    public async Task<string> DescribeAsync()
    {
        CommandResult pods = await cluster.KubectlAsync(
            "-n", HelmRelease.Namespace, "get", "pods,events,configmaps", "-o", "wide");
        string logs = "";
        foreach (CliView pod in await PodsAsync("app.kubernetes.io/instance=" + HelmRelease.Name))
        {
            string name = pod.Child("metadata").Text("name");
            logs += $"\n== {name}\n" + (await cluster.KubectlAsync(
                "-n", HelmRelease.Namespace, "logs", name, "--all-containers", "--tail=15")).Output;
        }

        return pods.Output + logs;
    }

    /// <summary>Deletes pods by selector, and waits until others are ready in their place.</summary>
    public async Task RestartAsync(string kindAndName)
    {
        (await cluster.KubectlAsync("-n", HelmRelease.Namespace, "rollout", "restart", kindAndName)).OrThrow();
        await RolledOutAsync(kindAndName);
    }

    /// <summary>Waits until a DaemonSet or Deployment has all its pods ready.</summary>
    public async Task RolledOutAsync(string kindAndName)
    {
        CommandResult answer = await cluster.KubectlAsync(
            ["-n", HelmRelease.Namespace, "rollout", "status", kindAndName, "--timeout=180s"],
            null,
            TimeSpan.FromSeconds(200));
        if (!answer.IsSuccess)
        {
            throw new LabException(answer.ErrorOutput + await DescribeAsync());
        }
    }
}

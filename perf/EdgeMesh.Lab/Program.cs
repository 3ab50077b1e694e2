using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using EdgeMesh.Lab;
using EdgeMesh.Lab.Demo;
using EdgeMesh.Lab.Kubernetes;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Lab.Running;
using EdgeMesh.Lab.Topologies;

const string Usage = """
    EdgeMesh.Lab VERB [OPTIONS]
      up      [--topology three-sites|star] [--nodes N] [--plain] [--io B] [--offload auto|off]
              builds a lab and leaves it
      down    removes labs that `up` left and those of dead processes
      demo    [--plain]   three sites, shown
      demo-kubernetes     a cluster of three nodes, shown
      cluster [--image F] a Kubernetes cluster of three nodes, until Enter or a signal
    """;

if (args.Length == 0)
{
    await Console.Error.WriteLineAsync(Usage + "\n" + TrafficVerbs.Usage);
    return 2;
}

try
{
    return args[0] switch
    {
        "up" => await UpAsync(new Arguments(args[1..])),
        "down" => await DownAsync(),
        "hold" => await HoldAsync(),
        "cluster" => await ClusterAsync(new Arguments(args[1..])),
        "demo-kubernetes" => await ClusterDemonstration.RunAsync(),
        "demo" => await Demonstration.RunAsync(new Arguments(args[1..]).Has("plain")),
        "traffic" when args.Length > 1 => await TrafficVerbs.RunAsync(args[1], new Arguments(args[2..])),
        _ => Fail($"`{args[0]}` is not a verb\n{Usage}\n{TrafficVerbs.Usage}"),
    };
}
catch (LabException failure)
{
    return Fail(failure.Message);
}

static int Fail(string message)
{
    Console.Error.WriteLine(message);
    return 2;
}

static async Task<int> UpAsync(Arguments arguments)
{
    Topology topology = arguments.Text("topology", "three-sites") == "star"
        ? Topology.Star((int)arguments.Number("nodes", 8))
        : Topology.ThreeSites(withSecondCloudNode: true);
    bool isPlain = arguments.Has("plain");
    LabNetwork lab = await LabNetwork.UpAsync(topology, new LabOptions { IsPlainRouting = isPlain });
    try
    {
        if (!isPlain)
        {
            await LabMesh.StartAsync(
                lab, new MeshOptions { Io = arguments.Text("io", "auto"),
                    Offload = arguments.Text("offload", "auto") });
        }
    }
    catch
    {
        await lab.DisposeAsync();
        throw;
    }

    lab.Disown();
    foreach (LabPod pod in lab.Pods)
    {
        Console.WriteLine(
            $"{pod.Name,-16} {pod.Plan.Address4,-15} {pod.Plan.Address6,-14} nsenter --net={pod.Network.Path}");
    }

    foreach (LabNode node in lab.Nodes)
    {
        Console.WriteLine(
            $"{node.Name,-16} {node.Plan.Underlay,-15} {"",-14} nsenter --net={node.Network.Path}  {node.Directory}");
    }

    Console.WriteLine($"logs: {lab.LogDirectory}");
    return 0;
}

static async Task<int> DownAsync()
{
    IReadOnlyList<string> removed = await LabRegistry.RemoveLeftoversAsync(alsoDisowned: true);
    Console.WriteLine(removed.Count == 0 ? "nothing to remove" : "removed: " + string.Join(' ', removed));
    return 0;
}

static async Task<int> ClusterAsync(Arguments arguments)
{
    string image = arguments.Text("image", "");
    await using LabCluster cluster = await LabCluster.UpAsync(image.Length == 0 ? [] : [image], Console.WriteLine);
    Console.WriteLine($"export KUBECONFIG={cluster.ConfigPath} PATH=$PATH:{KubernetesSupport.ProgramDirectory}");
    foreach (ClusterNode node in cluster.Nodes)
    {
        Console.WriteLine($"{node.Name,-12} nsenter -t {node.FirstProcessId} -m -p -u -i -n");
    }

    Console.WriteLine($"logs: {cluster.LogDirectory}; Enter takes it down");
    await Console.In.ReadLineAsync();
    return 0;
}

// For the test of what happens to a lab whose owner dies: a lab with one process in it, until a signal ends this one.
static async Task<int> HoldAsync()
{
    await using LabNetwork lab = await LabNetwork.UpAsync(
        Topology.ThreeSites(), new LabOptions { IsPlainRouting = true });
    await using LabProcess sleeper = lab.Node("edge-a").Network.Start("sleeper", ["sleep", "1000"]);
    Console.WriteLine(lab.Id);
    Console.WriteLine(sleeper.Id);
    await Task.Delay(TimeSpan.FromSeconds(60));
    return 0;
}

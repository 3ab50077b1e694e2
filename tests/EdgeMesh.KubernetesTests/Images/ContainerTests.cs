using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using EdgeMesh.Lab;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Lab.Running;
using EdgeMesh.Lab.Topologies;
using Xunit;

namespace EdgeMesh.KubernetesTests.Images;

/// <summary>
/// Data plane and control process do their whole job in containers with the rights that the chart gives them.
/// <code>
///  cloud-1 pod1 pod2          edge-1 pod1
///   10.244.1.0/24              10.244.5.0/24     each node: two containers in the node's network namespace
///      10.99.0.1 ================ 10.99.0.5
/// </code>
/// </summary>
public sealed class ContainerTests(ContainerEngine engine) : IClassFixture<ContainerEngine>, IDisposable
{
    // What comes with podman: the profile that runtimes give a pod that asks for RuntimeDefault.
    private const string DefaultProfile = "/usr/share/containers/seccomp.json";

    private readonly string _directory = Directory.CreateTempSubdirectory("edgemesh-containers-").FullName;

    [Fact]
    public async Task With_the_charts_profile_everything_works_through_the_ring()
    {
        await engine.RequireAsync();
        await ServeAsync(SeccompProfile.FilePath, "io_uring");
    }

    [Fact]
    public async Task With_a_runtimes_default_profile_everything_works_and_status_shows_epoll()
    {
        await engine.RequireAsync();
        Assert.SkipUnless(File.Exists(DefaultProfile), $"{DefaultProfile} is missing: it comes with podman");

        // Runtimes took io_uring out of their default in 2023; older ones have it still.
        JsonNode profile = JsonNode.Parse(await File.ReadAllTextAsync(
            DefaultProfile, TestContext.Current.CancellationToken))!;
        foreach (JsonNode? rule in profile["syscalls"]!.AsArray())
        {
            rule!["names"]!.AsArray().RemoveAll(
                name => name!.GetValue<string>().StartsWith("io_uring_", StringComparison.Ordinal));
        }

        string path = Path.Combine(_directory, "default.json");
        await File.WriteAllTextAsync(path, profile.ToJsonString(), TestContext.Current.CancellationToken);
        await ServeAsync(path, "epoll");
    }

    [Fact]
    public async Task A_container_without_the_capability_says_what_is_missing()
    {
        await engine.RequireAsync();
        await using LabNetwork lab = await LabNetwork.UpAsync(Topology.Star(1));
        string[] mounts = ["--user", "0", "--volume", "/dev/net/tun:/dev/net/tun", "--volume", _directory + ":/state"];
        CommandResult run = await lab.Node("edge-1").Network.RunAsync(
        [
            .. engine.Run(SeccompProfile.FilePath, null, mounts),
            "edgemesh-dataplane", "run", "--node", "a", "--state", "/state", "--socket", "/state/s",
        ]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("CAP_NET_ADMIN", run.ErrorOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_images_own_user_needs_no_capability_to_run_what_needs_none()
    {
        await engine.RequireAsync();
        foreach (string program in (string[])["edgemesh", "edgemesh-control", "edgemesh-dataplane", "edgemesh-perf"])
        {
            CommandResult run = await Command.RunAsync(
                [.. engine.Run(SeccompProfile.FilePath, null), program, "--help"]);
            Assert.Contains("Usage:", run.OrThrow().Output, StringComparison.Ordinal);
        }
    }

    /// <summary>Removes the files.</summary>
    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private async Task ServeAsync(string seccomp, string io)
    {
        await using LabNetwork lab = await LabNetwork.UpAsync(Topology.Star(1));
        WritePrograms(lab, seccomp);
        await using LabMesh mesh = await LabMesh.StartAsync(lab, new MeshOptions { ProgramDirectory = _directory });
        foreach (MeshNode node in mesh.Nodes)
        {
            Assert.Contains(io + " ", (await node.RunCliAsync("status")).OrThrow().Output, StringComparison.Ordinal);
        }

        foreach (bool isIpv6 in (bool[])[false, true])
        {
            string to = lab.Pod("edge-1-pod1").Address(isIpv6).ToString();
            CommandResult ping = await lab.Pod("cloud-1-pod1").Network.RunAsync(
                "ping", "-c", "5", "-i", "0.1", "-W", "5", to);
            Assert.Contains(" 0% packet loss", ping.OrThrow().Output, StringComparison.Ordinal);
        }

        LabNode edge = lab.Node("edge-1");
        Assert.Equal("2", edge.Network.ReadFile("/proc/sys/net/ipv4/conf/edge_tun0/rp_filter").Trim());
        Assert.Equal("1", edge.Network.ReadFile("/proc/sys/net/ipv4/conf/edge_tun0/forwarding").Trim());
        Assert.Equal("1", edge.Network.ReadFile("/proc/sys/net/ipv6/conf/edge_tun0/forwarding").Trim());
        Assert.Contains("edgemesh", (await edge.Network.RunAsync("nft", "list", "tables")).OrThrow().Output,
            StringComparison.Ordinal);
        Assert.DoesNotContain("kernel_problem", mesh.Node("edge-1").Control!.Log, StringComparison.Ordinal);

        await mesh.DisposeAsync();
        (await mesh.Node("edge-1").CleanupAsync()).OrThrow();
        string left = (await edge.Network.RunAsync("ip", "route", "show", "proto", "141")).OrThrow().Output
            + (await edge.Network.RunAsync("nft", "list", "tables")).OrThrow().Output;
        Assert.Empty(left);
    }

    // The lab starts programs of this directory, in the node's network namespace: each becomes a container.
    private void WritePrograms(LabNetwork lab, string seccomp)
    {
        string[] mounts =
        [
            "--user", "0", "--volume", "/dev/net/tun:/dev/net/tun", "--volume", "/proc/sys/net:/host/proc/sys/net",
            "--volume", $"{lab.Directory}:{lab.Directory}",
        ];
        IEnumerable<string> words = engine.Run(seccomp, "NET_ADMIN", mounts).Select(word => $"'{word}'");
        foreach (string name in (string[])["edgemesh-dataplane", "edgemesh-control"])
        {
            string path = Path.Combine(_directory, name);
            File.WriteAllText(path, $"""
                #!/bin/sh
                [ "{name} $1" != "edgemesh-control run" ] || set -- "$@" --sysctl-root /host/proc/sys
                exec {string.Join(' ', words)} {name} "$@"

                """);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        // Asked many times while the mesh comes up: as on a workstation, without a container of its own.
        File.CreateSymbolicLink(Path.Combine(_directory, "edgemesh"), Repository.Program("edgemesh"));
    }
}

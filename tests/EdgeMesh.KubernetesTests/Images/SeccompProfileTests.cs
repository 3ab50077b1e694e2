using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using EdgeMesh.Lab;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Lab.Topologies;
using Xunit;

namespace EdgeMesh.KubernetesTests.Images;

/// <summary>The profile allows what the programs do, and not much more.</summary>
public sealed partial class SeccompProfileTests
{
    private const int AllowedMax = 125;

    // What an intruder would want, and no program of ours has any business with.
    private static readonly string[] NeverAllowed =
    [
        "mount", "umount2", "pivot_root", "chroot", "setns", "unshare", "ptrace", "process_vm_readv",
        "process_vm_writev", "bpf", "perf_event_open", "init_module", "finit_module", "kexec_load", "keyctl", "add_key",
        "userfaultfd", "open_by_handle_at", "mknod", "mknodat", "setuid", "setgid", "setresuid", "capset", "chown",
        "fchown", "reboot", "settimeofday", "clock_settime", "swapon", "execveat", "memfd_create", "clone3",
    ];

    [Fact]
    public void It_has_the_form_that_container_runtimes_read()
    {
        JsonElement root = SeccompProfile.Read().Root;
        Assert.Equal("SCMP_ACT_ERRNO", root.GetProperty("defaultAction").GetString());
        Assert.Equal(
            ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"],
            root.GetProperty("architectures").EnumerateArray().Select(name => name.GetString()));
        Assert.All(SeccompProfile.Read().Rules, rule =>
        {
            Assert.NotEmpty(rule.GetProperty("comment").GetString()!);
            string[] names = [.. SeccompProfile.Names(rule)];
            Assert.Equal(names.Order(StringComparer.Ordinal), names);
            Assert.All(names, name => Assert.Matches("^[a-z0-9_]+$", name));
        });
    }

    [Fact]
    public void It_is_small_and_allows_the_ring_and_nothing_dangerous()
    {
        IReadOnlySet<string> allowed = SeccompProfile.Read().Allowed;
        Assert.Superset(
            new HashSet<string> { "io_uring_setup", "io_uring_enter", "io_uring_register" }, allowed.ToHashSet());
        Assert.Empty(NeverAllowed.Intersect(allowed));
        Assert.InRange(allowed.Count, 1, AllowedMax);
    }

    // The C library falls back to clone, whose flags the profile can look at, only on ENOSYS.
    [Fact]
    public void Clone3_is_answered_as_by_a_kernel_without_it()
    {
        JsonElement rule = Assert.Single(
            SeccompProfile.Read().Rules, rule => SeccompProfile.Names(rule).Contains("clone3"));
        Assert.Equal("SCMP_ACT_ERRNO", rule.GetProperty("action").GetString());
        Assert.Equal(38, rule.GetProperty("errnoRet").GetInt32());
    }

    /// <summary>
    /// The programs of a whole mesh, from start to end, each followed by strace: whatever call is seen is allowed.
    /// </summary>
    [Theory]
    [InlineData("io_uring")]
    [InlineData("epoll")]
    public async Task Every_system_call_of_a_running_mesh_is_allowed(string io)
    {
        string? reason = LabSupport.WhyNot();
        Assert.SkipWhen(reason is not null, reason ?? "");
        Assert.SkipUnless(LabSupport.IsInstalled("strace"), "`strace` is missing: `make test-image` installs it");
        string directory = Directory.CreateTempSubdirectory("edgemesh-strace-").FullName;
        try
        {
            WriteTracedPrograms(directory);
            await using (LabNetwork lab = await LabNetwork.UpAsync(Topology.Star(1)))
            {
                var options = new MeshOptions { Io = io, Workers = 2, ProgramDirectory = directory };
                await using LabMesh mesh = await LabMesh.StartAsync(lab, options);
                LabPod from = lab.Pod("cloud-1-pod1");
                string to = lab.Pod("edge-1-pod1").Address(isIpv6: false).ToString();
                (await from.Network.RunAsync("ping", "-c", "20", "-i", "0.05", "-W", "5", to)).OrThrow();

                // Whatever comes of it: both ends are slowed a hundredfold.
                await mesh.Node("cloud-1").RunCliAsync("reconnect", "edge-1");
                await mesh.Node("cloud-1").MetricsAsync();
            }

            string[] traces = Directory.GetFiles(directory, "*.trace");
            string[] seen = [.. traces.SelectMany(File.ReadLines).Select(CallOf).OfType<string>().Distinct()];
            Assert.Contains(io == "epoll" ? "epoll_wait" : "io_uring_enter", seen);
            Assert.Contains("vfork", seen); // nft was started
            Assert.Empty(seen.Except(SeccompProfile.Read().Allowed).Except(["clone3"]));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static void WriteTracedPrograms(string directory)
    {
        foreach (string name in (string[])["edgemesh-dataplane", "edgemesh-control", "edgemesh"])
        {
            string path = Path.Combine(directory, name);
            string trace = Path.Combine(directory, name);
            File.WriteAllText(path, $"""
                #!/bin/sh
                exec strace -f -qq -o '{trace}.'$$.trace '{Repository.Program(name)}' "$@"

                """);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    // "PID NAME(ARGUMENTS) = RESULT"; lines that go on an interrupted call, and those about signals, name none.
    private static string? CallOf(string line) => TracedCall().Match(line) is { Success: true } match
        ? match.Groups["name"].Value
        : null;

    [GeneratedRegex(@"^\d+ +(?<name>[a-z_0-9]+)\(", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TracedCall();
}

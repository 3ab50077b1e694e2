using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Lab;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Lab.Running;
using EdgeMesh.SystemTests.Fixtures;
using Xunit;

namespace EdgeMesh.SystemTests.Kernel;

/// <summary>
/// A network namespace with a TUN link and the control process in it, and nothing else of the product: what the kernel
/// holds is the control process's work alone.
/// </summary>
/// <remarks><code>
///   pod namespace              node namespace                         underlay namespace
///   10.244.1.7, fd00:1::7      cni0 10.244.1.1  |  edge_tun0 (no      192.0.2.2
///        eth0 ---------------- veth             |  reader: packets    eth0
///                                               |  end there)          |
///                              under0 192.0.2.1 ------------------------
/// </code></remarks>
internal sealed class ControlNode : IAsyncDisposable
{
    internal const string Tun = "edge_tun0";
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private static int _last;

    private readonly string _prefix = $"em-k-{Environment.ProcessId}-{Interlocked.Increment(ref _last)}";
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("em-k-");
    private readonly List<string> _namespaces = [];
    private Process? _control;
    private string _log = "";

    private ControlNode()
    {
    }

    internal string MeshPath => Path.Combine(_directory.FullName, "mesh.yaml");

    internal string SocketPath => Path.Combine(_directory.FullName, "control.sock");

    /// <summary>What the control process has logged so far.</summary>
    internal string Log => Volatile.Read(ref _log);

    private static string Program => Repository.Program("edgemesh-control");

    /// <summary>Builds the namespaces; skips the test with a reason where that can't be.</summary>
    internal static async Task<ControlNode> UpAsync(bool hasTun = true)
    {
        string? reason = LabSupport.WhyNot();
        Assert.SkipWhen(reason is not null, reason ?? "");
        var node = new ControlNode();
        try
        {
            await node.BuildAsync(hasTun);
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>mesh.yaml of two sites; this node is cloud-1.</summary>
    internal static string Mesh(string cidrs = "edgeCIDR: [10.244.5.0/24, 10.244.6.0/24, 'fd00:5::/64']") => $"""
        apiVersion: edgemesh.io/v1alpha1
        kind: Mesh
        cloudCIDR: [10.244.1.0/24, 'fd00:1::/64']
        {cidrs}
        nodes:
          - name: cloud-1
            peerId: 12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA
            addresses: [/ip4/192.0.2.1/tcp/20006]
            prefixes: [10.244.1.0/24, 'fd00:1::/64']
          - name: edge-a
            peerId: 12D3KooWPjceQrSwdWXPyLLeABRXmuqt69Rg3sBYbU1Nft9HyQ6X
        """;

    internal void WriteMesh(string text) => File.WriteAllText(MeshPath, text);

    internal Task<CommandResult> AddTunAsync() => RunAsync("ip tuntap add edge_tun0 mode tun");

    /// <summary>Runs a command in the node's namespace; it must succeed.</summary>
    internal async Task<CommandResult> RunAsync(string command) => (await TryAsync("node", command)).OrThrow();

    internal async Task<CommandResult> RunInAsync(string where, string command) =>
        (await TryAsync(where, command)).OrThrow();

    internal Task<CommandResult> TryAsync(string where, string command) =>
        Command.RunAsync(["nsenter", $"--net=/run/netns/{_prefix}-{where}", "--", "/bin/sh", "-c", command]);

    /// <summary>Starts the control process.</summary>
    /// <param name="wrapper">Shell words in front of it.</param>
    internal void Start(string wrapper = "exec")
    {
        var start = new ProcessStartInfo("nsenter")
        {
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        string command = $"{wrapper} {Program} run --node cloud-1 --mesh {MeshPath} --socket {SocketPath} "
            + "--log-level debug";
        foreach (string word in (string[])[$"--net=/run/netns/{_prefix}-node", "--", "/bin/sh", "-c", command])
        {
            start.ArgumentList.Add(word);
        }

        _control = new Process { StartInfo = start };
        _control.ErrorDataReceived += (_, line) => Volatile.Write(ref _log, _log + line.Data + "\n");
        _control.Start();
        _control.BeginErrorReadLine();
    }

    /// <summary>Starts the control process with a mesh, and waits until the kernel holds its table.</summary>
    internal async Task StartAsync(string mesh)
    {
        WriteMesh(mesh);
        Start();
        await LoggedAsync("kernel_nftables done=applied");
    }

    /// <summary>SIGTERM to the control process.</summary>
    /// <returns>Exit code and how long the end took.</returns>
    internal async Task<(int ExitCode, TimeSpan Time)> StopAsync()
    {
        Process control = _control!;
        _control = null;
        long start = Stopwatch.GetTimestamp();
        await Command.RunAsync(["kill", "-TERM", $"{control.Id}"]);
        await control.WaitForExitAsync();
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        int exitCode = control.ExitCode;
        control.Dispose();
        return (exitCode, time);
    }

    internal Task<CommandResult> CleanupAsync() => TryAsync("node", $"{Program} cleanup");

    internal async Task LoggedAsync(string text)
    {
        bool isLogged = await Eventually.IsTrueAsync(() =>
            Task.FromResult(Log.Contains(text, StringComparison.Ordinal)), Patience);
        Assert.True(isLogged, $"'{text}' was never logged:\n{Log}");
    }

    /// <summary>Waits until a command's output is as asked.</summary>
    internal async Task UntilAsync(string command, Func<string, bool> isRight)
    {
        string output = "";
        bool isSo = await Eventually.IsTrueAsync(async () =>
            isRight(output = (await TryAsync("node", command)).Output), Patience);
        Assert.True(isSo, $"{command}:\n{output}\nlog:\n{Log}");
    }

    /// <summary>Everything of the node's network that we could have changed.</summary>
    internal Task<string> DumpAsync() =>
        KernelDump.SettledAsync(async command => (await RunAsync(command)).Output);

    public async ValueTask DisposeAsync()
    {
        if (_control is not null)
        {
            await StopAsync();
        }

        foreach (string name in _namespaces)
        {
            await Command.RunAsync(["ip", "netns", "delete", name]);
        }

        _directory.Delete(recursive: true);
    }

    private async Task BuildAsync(bool hasTun)
    {
        foreach (string role in (string[])["node", "pod", "under"])
        {
            (await Command.RunAsync(["ip", "netns", "add", $"{_prefix}-{role}"])).OrThrow();
            _namespaces.Add($"{_prefix}-{role}");
            await RunInAsync(role, "ip link set lo up; sysctl -qw net.ipv6.conf.default.accept_dad=0");
        }

        await RunAsync("sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1");
        await RunAsync($"ip link add cni0 type veth peer name eth0 netns {_prefix}-pod; ip link set cni0 up; "
            + "ip addr add 10.244.1.1/24 dev cni0; ip addr add fd00:1::1/64 dev cni0");
        await RunAsync($"ip link add under0 type veth peer name eth0 netns {_prefix}-under; ip link set under0 up; "
            + "ip addr add 192.0.2.1/24 dev under0");
        await RunInAsync("pod", "ip link set eth0 up; ip addr add 10.244.1.7/24 dev eth0; "
            + "ip route add default via 10.244.1.1; "
            + "ip addr add fd00:1::7/64 dev eth0; ip route add default via fd00:1::1");
        await RunInAsync("under", "ip link set eth0 up; ip addr add 192.0.2.2/24 dev eth0; "
            + "ip route add 10.244.0.0/16 via 192.0.2.1");
        if (hasTun)
        {
            await AddTunAsync();
        }
    }
}

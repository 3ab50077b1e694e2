using System;
using System.Collections.Generic;
using System.IO;
using System.Threading.Tasks;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Lab.Running;
using Xunit;

namespace EdgeMesh.KubernetesTests.Images;

/// <summary>
/// podman and runc with storage of their own and the image of this machine loaded: what a kubelet and its runtime do
/// with the chart's security context, in one command. Nothing outside its directory is touched.
/// </summary>
public sealed class ContainerEngine : IAsyncLifetime
{
    private static readonly TimeSpan LoadTime = TimeSpan.FromSeconds(120);

    private readonly string _directory = Directory.CreateTempSubdirectory("edgemesh-podman-").FullName;
    private string? _whyNot;

    /// <summary>The image's name.</summary>
    public string Image { get; private set; } = "";

    /// <summary>Loads the image.</summary>
    public async ValueTask InitializeAsync()
    {
        _whyNot = LabSupport.WhyNot();
        foreach (string program in (string[])["podman", "runc"])
        {
            if (!LabSupport.IsInstalled(program))
            {
                _whyNot ??= $"`{program}` is missing: `make test-image` installs it";
            }
        }

        if (_whyNot is not null)
        {
            return;
        }

        // Limits: what this process may not raise, podman would try to, and fail.
        await File.WriteAllTextAsync(Path.Combine(_directory, "containers.conf"), """
            [containers]
            default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
            [network]
            network_backend = "cni"
            [engine]
            cgroup_manager = "cgroupfs"
            runtime = "runc"
            events_logger = "file"
            """);
        await File.WriteAllTextAsync(Path.Combine(_directory, "storage.conf"), $"""
            [storage]
            driver = "vfs"
            graphroot = "{_directory}/graph"
            runroot = "{_directory}/run"
            """);
    }

    /// <summary>Skips the test if containers can't be run; loads the image.</summary>
    public async Task RequireAsync()
    {
        Assert.SkipWhen(_whyNot is not null, _whyNot ?? "");
        if (Image.Length == 0)
        {
            string archive = ImageArchive.Require("linux-x64");
            CommandResult loaded = await Command.RunAsync(
                [.. Words("load", "--quiet", "--input", archive)], timeout: LoadTime);
            Image = loaded.OrThrow().Output.Trim().Replace("Loaded image: ", "", StringComparison.Ordinal);
        }
    }

    /// <summary>The words that call podman.</summary>
    public IReadOnlyList<string> Words(params string[] words) =>
    [
        "env", $"CONTAINERS_CONF={_directory}/containers.conf", $"CONTAINERS_STORAGE_CONF={_directory}/storage.conf",
        "podman", "--tmpdir", _directory + "/tmp", .. words,
    ];

    /// <summary>
    /// The words that run a program of the image in the network namespace of whoever says them, with the rights that
    /// the chart gives: one capability or none, a file system and settings that can't be written.
    /// </summary>
    /// <param name="seccomp">File of the profile.</param>
    /// <param name="capability">The capability; null: none.</param>
    /// <param name="more">More of podman's options: mounts.</param>
    public IReadOnlyList<string> Run(string seccomp, string? capability, params string[] more) => Words(
    [
        "run", "--rm", "--network", "host", "--cap-drop", "all", .. Added(capability),
        "--read-only", "--read-only-tmpfs=false", "--security-opt", "no-new-privileges",
        "--security-opt", "seccomp=" + seccomp, .. more, Image,
    ]);

    /// <summary>Removes containers, image and directory.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_whyNot is null)
        {
            await Command.RunAsync([.. Words("rm", "--all", "--force", "--time", "1")], timeout: LoadTime);
            await Command.RunAsync([.. Words("rmi", "--all", "--force")], timeout: LoadTime);
        }

        Directory.Delete(_directory, recursive: true);
    }

    private static string[] Added(string? capability) => capability is null ? [] : ["--cap-add", capability];
}

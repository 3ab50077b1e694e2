using System;
using System.Collections.Generic;
using System.IO;
using System.Threading.Tasks;
using EdgeMesh.Lab;
using EdgeMesh.Lab.Running;
using Xunit;

namespace EdgeMesh.KubernetesTests.Images;

/// <summary>The files of the arm64 image, whose programs qemu-user runs on this machine.</summary>
public sealed class Arm64Programs : IDisposable
{
    private const string Emulator = "/usr/bin/qemu-aarch64-static";
    private readonly string _root = Directory.CreateTempSubdirectory("edgemesh-arm64-").FullName;
    private bool _isExtracted;

    /// <summary>Where the unit tests for arm64 are, with the runtime they need.</summary>
    public static string VectorsDirectory { get; } =
        Path.Combine(Repository.ArtifactsDirectory, "vectors", "linux-arm64");

    /// <summary>Runs a program of the image, with the image's own libraries.</summary>
    public Task<CommandResult> RunAsync(string program, params string[] words) =>
        EmulateAsync(Path.Combine(Require(), program.TrimStart('/')), words, TimeSpan.FromSeconds(60));

    /// <summary>Runs any program of that machine with the image's libraries.</summary>
    public Task<CommandResult> EmulateAsync(string path, IReadOnlyList<string> words, TimeSpan timeout) =>
        Command.RunAsync([Emulator, "-L", Require(), path, .. words], timeout: timeout);

    /// <summary>Removes the files.</summary>
    public void Dispose() => Directory.Delete(_root, recursive: true);

    private string Require()
    {
        Assert.SkipUnless(File.Exists(Emulator), "qemu-user-static is missing: `make test-image` installs it");
        if (!_isExtracted)
        {
            ImageArchive.Open("linux-arm64").Extract(_root);
            _isExtracted = true;
        }

        return _root;
    }
}

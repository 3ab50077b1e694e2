using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Lab;
using EdgeMesh.Lab.Running;
using Xunit;

namespace EdgeMesh.KubernetesTests.Images;

/// <summary>The files of the arm64 image, whose programs qemu-user runs on this machine.</summary>
public sealed class Arm64Programs : IDisposable
{
    private const string Emulator = "/usr/bin/qemu-aarch64-static";

    // Where Debian's cross compiler keeps that machine's libraries: .NET's own runtime needs more than the image has.
    private const string CrossRoot = "/usr/aarch64-linux-gnu";

    // The emulator of Debian 12 loses track of code that is written again at a place it has translated: so none is.
    private static readonly string[] SteadyCode =
    [
        "DOTNET_EnableWriteXorExecute=0", "DOTNET_TieredCompilation=0", "DOTNET_gcConcurrent=0",
        "DOTNET_GCgen0size=10000000",
    ];

    private readonly string _root = Directory.CreateTempSubdirectory("edgemesh-arm64-").FullName;
    private bool _isExtracted;

    // Where the unit tests for arm64 are, with the runtime they need.
    private static string VectorsDirectory => Path.Combine(Repository.ArtifactsDirectory, "vectors", "linux-arm64");

    /// <summary>Runs a program of the image, with the image's own libraries.</summary>
    public Task<CommandResult> RunAsync(string program, params string[] words) =>
        Command.RunAsync(
            [Emulator, "-L", Require(), Path.Combine(Require(), program.TrimStart('/')), .. words],
            timeout: TimeSpan.FromSeconds(60));

    /// <summary>Runs the unit tests, with .NET's runtime for that machine and the image's OpenSSL.</summary>
    public Task<CommandResult> RunVectorsAsync(IEnumerable<string> words, TimeSpan timeout)
    {
        string tests = Path.Combine(VectorsDirectory, "EdgeMesh.UnitTests");
        Assert.SkipUnless(File.Exists(tests), "the unit tests for arm64 are not built: `make test-image` builds them");
        Assert.SkipUnless(Directory.Exists(CrossRoot), $"{CrossRoot} is missing: `make image` installs it");
        string libraries = Path.Combine(_root, "openssl");
        Directory.CreateDirectory(libraries);
        foreach (string name in (string[])["libssl.so.3", "libcrypto.so.3"])
        {
            File.Copy(
                Path.Combine(Require(), "usr/lib/aarch64-linux-gnu", name),
                Path.Combine(libraries, name),
                overwrite: true);
        }

        return Command.RunAsync(
        [
            Emulator, "-L", CrossRoot, "-E", "LD_LIBRARY_PATH=" + libraries,
            .. SteadyCode.SelectMany(setting => new[] { "-E", setting }), tests, .. words,
        ], timeout: timeout);
    }

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

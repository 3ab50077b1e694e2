using System;
using System.IO;
using System.Text.Json;
using System.Threading.Tasks;
using EdgeMesh.Lab.Running;
using Xunit;

namespace EdgeMesh.KubernetesTests.Images;

/// <summary>The programs for arm64 do there what they do here; qemu-user stands for the machine.</summary>
public sealed class Arm64Tests(Arm64Programs programs) : IClassFixture<Arm64Programs>
{
    [Theory]
    [InlineData("edgemesh", "status")]
    [InlineData("edgemesh-control", "cleanup")]
    [InlineData("edgemesh-dataplane", "identity")]
    [InlineData("edgemesh-perf", "throughput")]
    public async Task Every_program_lists_its_commands(string program, string command)
    {
        CommandResult help = (await programs.RunAsync("/usr/local/bin/" + program, "--help")).OrThrow();
        Assert.Contains(command, help.Output, StringComparison.Ordinal);
    }

    // nft itself stops at its first socket: qemu-user has no netlink of nftables.
    [Fact]
    public async Task Nft_finds_its_libraries_beside_it()
    {
        CommandResult list = (await programs.RunAsync(
            "/lib/ld-linux-aarch64.so.1", "--list", "/usr/sbin/nft")).OrThrow();
        Assert.Contains("libnftables.so.1 => /", list.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("not found", list.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_identity_is_made_kept_and_the_same_on_another_machine()
    {
        string state = Directory.CreateTempSubdirectory("edgemesh-identity-").FullName;
        try
        {
            const string Program = "/usr/local/bin/edgemesh-dataplane";
            string made = (await programs.RunAsync(Program, "identity", "--state", state)).OrThrow().Output;
            string again = (await programs.RunAsync(Program, "identity", "--state", state)).OrThrow().Output;
            Assert.StartsWith("12D3KooW", made, StringComparison.Ordinal);
            Assert.Equal(made, again);

            string here = Lab.Repository.Program("edgemesh-dataplane");
            Assert.Equal(made, (await Command.RunAsync([here, "identity", "--state", state])).OrThrow().Output);
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }
    }

    [Theory]
    [InlineData("Noise", 30)]
    [InlineData("Packets", 25)]
    [InlineData("Addresses", 100)]
    [InlineData("Libp2p.Identity", 5)]
    [InlineData("Libp2p.Security", 5)]
    [InlineData("Forwarding.Capsules", 5)]
    public Task Vectors_of_the_specifications_hold(string folder, int testsMin) => RunFolderAsync(folder, testsMin);

    [Theory]
    [Trait("Category", "Long")]
    [InlineData("Libp2p", 250)]
    [InlineData("Forwarding", 150)]
    public Task Everything_beside_the_vectors_holds(string folder, int testsMin) => RunFolderAsync(folder, testsMin);

    private async Task RunFolderAsync(string folder, int testsMin)
    {
        string report = Path.GetTempFileName();
        try
        {
            string[] words =
            [
                "-noColor", "-noLogo", "-parallelMode", "none", "-result-ctrf", report,
                "-namespace", $"EdgeMesh.UnitTests.{folder}*",
            ];
            CommandResult run = await programs.RunVectorsAsync(words, TimeSpan.FromMinutes(8));
            Assert.True(run.IsSuccess, run.Output[^Math.Min(run.Output.Length, 4000)..] + run.ErrorOutput);
            string text = await File.ReadAllTextAsync(report, TestContext.Current.CancellationToken);
            JsonElement summary = JsonDocument.Parse(text).RootElement.GetProperty("results").GetProperty("summary");
            Assert.Equal(0, summary.GetProperty("failed").GetInt32());
            Assert.InRange(summary.GetProperty("passed").GetInt32(), testsMin, int.MaxValue);
        }
        finally
        {
            File.Delete(report);
        }
    }
}

using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.ControlPlane.DesiredState;
using EdgeMesh.ControlPlane.Sources.Files;
using EdgeMesh.Logging;
using EdgeMesh.UnitTests.ControlChannel;
using EdgeMesh.UnitTests.ControlPlane;
using Xunit;

namespace EdgeMesh.SystemTests.ControlPlane;

public sealed class MeshFileSourceTests : IAsyncDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private readonly TemporaryDirectory _directory = new();
    private readonly LogLines _log = new();
    private readonly DesiredMesh _desired = new(null, StructuredLog.None);
    private ulong _seen; // generation that a test has looked at
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    private string MeshPath => _directory.File("mesh.yaml");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _running;
        }
        catch (OperationCanceledException)
        {
            // Its end; anything else is a crash, and fails the test.
        }
        finally
        {
            _stop.Dispose();
            _directory.Dispose();
        }
    }

    [Fact]
    public async Task A_file_written_in_place_is_taken()
    {
        File.WriteAllText(MeshPath, Text("a"));
        Start();
        Assert.Equal("a", await NextNameAsync());
        File.WriteAllText(MeshPath, Text("b"));
        Assert.Equal("b", await NextNameAsync());
    }

    [Fact]
    public async Task A_file_renamed_over_it_is_taken_in_less_than_a_second()
    {
        File.WriteAllText(MeshPath, Text("a"));
        Start();
        await NextNameAsync();
        File.WriteAllText(_directory.File("other"), Text("b"));
        long start = Stopwatch.GetTimestamp();
        File.Move(_directory.File("other"), MeshPath, overwrite: true);
        Assert.Equal("b", await NextNameAsync());
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_link_swapped_as_ConfigMap_mounts_do_is_followed()
    {
        WriteVersion("..v1", "a");
        Directory.CreateSymbolicLink(_directory.File("..data"), "..v1");
        File.CreateSymbolicLink(MeshPath, "..data/mesh.yaml");
        Start();
        Assert.Equal("a", await NextNameAsync());
        for (int version = 2; version < 5; version++)
        {
            WriteVersion($"..v{version}", $"n{version}");
            Directory.CreateSymbolicLink(_directory.File("..data_tmp"), $"..v{version}");
            // rename(2): .NET's own moves refuse links to directories.
            using var rename = Process.Start("mv", ["-T", _directory.File("..data_tmp"), _directory.File("..data")]);
            await rename.WaitForExitAsync();
            Assert.Equal($"n{version}", await NextNameAsync());
            Directory.Delete(_directory.File($"..v{version - 1}"), recursive: true);
        }
    }

    [Fact]
    public async Task A_file_behind_a_link_to_another_directory_is_watched()
    {
        using var elsewhere = new TemporaryDirectory();
        File.WriteAllText(elsewhere.File("real.yaml"), Text("a"));
        File.CreateSymbolicLink(MeshPath, elsewhere.File("real.yaml"));
        Start();
        Assert.Equal("a", await NextNameAsync());
        File.WriteAllText(elsewhere.File("real.yaml"), Text("b"));
        Assert.Equal("b", await NextNameAsync());
    }

    [Fact]
    public async Task A_bad_file_never_replaces_a_good_one()
    {
        File.WriteAllText(MeshPath, Text("a"));
        Start();
        await NextNameAsync();
        File.WriteAllText(MeshPath, Text("b").Replace("kind: Mesh", "kind: Mess"));
        await LoggedAsync($"{MeshPath}:2:7: kind 'Mess'");
        File.Delete(MeshPath);
        await LoggedAsync("mesh_file_unreadable");
        Assert.Equal(_seen, _desired.Read().Document!.Generation);
        File.WriteAllText(MeshPath, Text("c"));
        Assert.Equal("c", await NextNameAsync());
    }

    [Fact]
    public async Task A_file_that_comes_late_is_taken()
    {
        Start();
        await LoggedAsync("mesh_file_unreadable");
        File.WriteAllText(MeshPath, Text("a"));
        Assert.Equal("a", await NextNameAsync());
        Assert.Equal(2, _log.Text.Split("mesh_file_unreadable").Length);
    }

    [Fact]
    public async Task A_file_in_a_directory_that_comes_late_is_taken()
    {
        Start(_directory.File("later/mesh.yaml"));
        await LoggedAsync("mesh_file_unreadable");
        Directory.CreateDirectory(_directory.File("later"));
        File.WriteAllText(_directory.File("later/mesh.yaml"), Text("a"));
        Assert.Equal("a", await NextNameAsync());
    }

    [Fact]   // a tool that is late must not bring yesterday's file back
    public async Task A_generation_that_is_not_newer_is_refused_at_its_line()
    {
        File.WriteAllText(MeshPath, Text("a", 7));
        Start();
        Assert.Equal("a", await NextNameAsync());
        Assert.Equal(7ul, _seen);
        File.WriteAllText(MeshPath, Text("b", 7));
        await LoggedAsync($"{MeshPath}:3:13: generation 7 is in force already, with other content");
        File.WriteAllText(MeshPath, Text("b", 6));
        await LoggedAsync($"{MeshPath}:3:13: generation 6 is older than 7");
        Assert.Equal(7ul, _desired.Read().Document!.Generation);
        File.WriteAllText(MeshPath, Text("b", 8));
        Assert.Equal("b", await NextNameAsync());
        Assert.Equal(8ul, _seen);
    }

    [Fact]
    public async Task A_directory_in_its_place_is_told()
    {
        Directory.CreateDirectory(MeshPath);
        Start();
        await LoggedAsync("mesh_file_unreadable");
    }

    private static string Text(string name, int? generation = null) => $"""
        apiVersion: edgemesh.io/v1alpha1
        kind: Mesh
        {(generation is null ? "# not counted" : $"generation: {generation}")}
        nodes:
          - name: own
            peerId: 12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA
          - name: {name}
            peerId: 12D3KooWPjceQrSwdWXPyLLeABRXmuqt69Rg3sBYbU1Nft9HyQ6X
        """;

    private void WriteVersion(string directory, string name)
    {
        Directory.CreateDirectory(_directory.File(directory));
        File.WriteAllText(_directory.File($"{directory}/mesh.yaml"), Text(name));
    }

    private void Start(string? path = null)
    {
        var source = new MeshFileSource(path ?? MeshPath, new MeshIntake("own", _desired, _log.Log), _log.Log);
        _running = Task.Run(() => source.RunAsync(_stop.Token));
    }

    private async Task<string> NextNameAsync()
    {
        (MeshDocument? document, Task changed) = _desired.Read();
        while (document is null || document.Generation == _seen)
        {
            await changed.WaitAsync(Soon);
            (document, changed) = _desired.Read();
        }

        _seen = document.Generation;
        return document.Nodes.Single(node => node.Name != "own").Name;
    }

    private async Task LoggedAsync(string text)
    {
        for (int i = 0; i < 1000 && !_log.Text.Contains(text, StringComparison.Ordinal); i++)
        {
            await Task.Delay(10);
        }

        Assert.Contains(text, _log.Text);
    }
}

using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.ControlPlane.DesiredState;
using EdgeMesh.Logging;
using EdgeMesh.State;
using EdgeMesh.UnitTests.ControlChannel;
using Xunit;
using static EdgeMesh.UnitTests.ControlChannel.SampleMeshes;

namespace EdgeMesh.UnitTests.ControlPlane;

public sealed class DesiredMeshTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_generation_grows_by_one_for_each_change_and_not_for_a_repetition()
    {
        var desired = new DesiredMesh(null, StructuredLog.None);
        Assert.Null(desired.Read().Document);
        Assert.Equal((1ul, true), Accept(desired, "a"));
        Assert.Equal((1ul, false), Accept(desired, "a"));
        Assert.Equal((2ul, true), Accept(desired, "b"));
        Assert.Equal((3ul, true), Accept(desired, "a"));
    }

    [Fact]
    public async Task Document_and_generation_survive_a_restart()
    {
        await using (var first = new DesiredMesh(_directory.Path, StructuredLog.None))
        {
            Accept(first, "a");
            Accept(first, "b");
        }

        await using var desired = new DesiredMesh(_directory.Path, StructuredLog.None);
        Assert.Equal(2ul, desired.Read().Document!.Generation);
        Assert.Equal((2ul, false), Accept(desired, "b"));
        Assert.Equal((3ul, true), Accept(desired, "c"));
    }

    [Fact]
    public void A_generation_can_be_lifted_over_another_one()
    {
        var desired = new DesiredMesh(null, StructuredLog.None);
        desired.RaiseAbove(5);
        Assert.Null(desired.Read().Document);
        Accept(desired, "a");
        desired.RaiseAbove(5);
        Assert.Equal(6ul, desired.Read().Document!.Generation);
        desired.RaiseAbove(3);
        Assert.Equal(6ul, desired.Read().Document!.Generation);
        Assert.Equal((6ul, false), Accept(desired, "a"));
    }

    [Fact]
    public void A_change_is_signaled_once()
    {
        var desired = new DesiredMesh(null, StructuredLog.None);
        Task before = desired.Read().Changed;
        Assert.False(before.IsCompleted);
        Accept(desired, "a");
        Assert.True(before.IsCompleted);
        Task after = desired.Read().Changed;
        Accept(desired, "a");
        Assert.False(after.IsCompleted);
    }

    [Fact]
    public async Task A_state_directory_that_can_t_be_written_stops_nothing()
    {
        var lines = new LogLines();
        await using (var desired = new DesiredMesh(_directory.File("none"), lines.Log))
        {
            Assert.Equal((1ul, true), Accept(desired, "a"));
        }

        Assert.Contains("state_not_kept", lines.Text);
    }

    [Fact]   // what can be made to stall here is the report of a failed store; it happens where the store does
    public async Task Neither_accepting_nor_reading_waits_for_a_disk_that_stalls()
    {
        using var stalled = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        using var writer = new StallingWriter(stalled, release);
        var log = new StructuredLog(writer);
        await using (var desired = new DesiredMesh(_directory.File("none"), log))
        {
            await Task.Run(() =>
            {
                Accept(desired, "a");
                stalled.Wait();
                Assert.Equal((2ul, true), Accept(desired, "b"));
                Assert.Equal(2ul, desired.Read().Document!.Generation);
            }).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
            release.Set();
        }

        Assert.Contains("state_not_kept", writer.ToString());
    }

    [Fact]
    public void A_corrupt_state_is_refused_with_its_name()
    {
        var lines = new LogLines();
        File.WriteAllText(_directory.File("desired.snapshot"), "garbage");
        Assert.Null(new DesiredMesh(_directory.Path, lines.Log).Read().Document);
        Assert.Contains("desired.snapshot", lines.Text);
    }

    [Fact]
    public async Task The_previous_state_is_taken_for_a_missing_one_with_a_warning()
    {
        await using (var first = new DesiredMesh(_directory.Path, StructuredLog.None))
        {
            Accept(first, "a");
        }

        var lines = new LogLines();
        File.Move(_directory.File("desired.snapshot"), _directory.File("desired.snapshot.previous"));
        await using var desired = new DesiredMesh(_directory.Path, lines.Log);
        Assert.Equal((1ul, false), Accept(desired, "a"));
        Assert.Contains("warn state_previous", lines.Text);
        Assert.Contains("there is no such file", lines.Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]   // whole, but no document
    public async Task A_previous_state_that_can_t_be_taken_is_refused_with_its_name(bool isWhole)
    {
        var lines = new LogLines();
        string path = _directory.File("desired.snapshot.previous");
        File.WriteAllBytes(path, isWhole ? StateFile.Encode([0xFF]) : [1, 2, 3]);
        await using var desired = new DesiredMesh(_directory.Path, lines.Log);
        Assert.Null(desired.Read().Document);
        Assert.Contains("warn state_refused", lines.Text);
        Assert.Contains(path, lines.Text);
    }

    [Fact]
    public void A_source_s_own_generation_is_kept_and_only_a_newer_one_taken()
    {
        var desired = new DesiredMesh(null, StructuredLog.None);
        Assert.Equal((7ul, true, null), Accept(desired, "a", 7, "file"));
        Assert.Equal((7ul, false, null), Accept(desired, "a", 7, "file"));
        Assert.Equal((7ul, false, MeshField.Generation), Accept(desired, "b", 7, "file"));
        Assert.Equal((7ul, false, MeshField.Generation), Accept(desired, "b", 6, "file"));
        Assert.Equal((9ul, true, null), Accept(desired, "b", 9, "file"));
        desired.RaiseAbove(20); // it is not ours to count
        Assert.Equal(9ul, desired.Read().Document!.Generation);
    }

    [Fact]
    public void Another_source_may_start_at_any_generation()
    {
        var desired = new DesiredMesh(null, StructuredLog.None);
        Accept(desired, "a", 7, "file");
        Assert.Equal((8ul, true), Accept(desired, "a")); // the number left the file: counted here from now on
        Assert.Equal((2ul, true, null), Accept(desired, "a", 2, "file"));
        Assert.Equal((1ul, true, null), Accept(desired, "b", 1, "kubernetes"));
    }

    [Fact]
    public void Two_nodes_agree_on_the_generation_whatever_they_have_seen_before()
    {
        var always = new DesiredMesh(null, StructuredLog.None);
        Accept(always, "a", 1, "file");
        Accept(always, "b", 2, "file");
        Accept(always, "c", 5, "file");
        var late = new DesiredMesh(null, StructuredLog.None);
        Accept(late, "c", 5, "file");
        Assert.Equal(always.Read().Document, late.Read().Document);
    }

    private static (ulong Generation, bool IsNew, MeshField? Finding) Accept(
        DesiredMesh desired, string name, ulong generation, string source)
    {
        MeshDocument offered = Document(generation, Node(name, 1));
        offered.Source = source;
        MeshAcceptance acceptance = desired.Accept(offered);
        return (acceptance.InForce.Generation, acceptance.IsNew, acceptance.Finding?.Subject.Field);
    }

    private static (ulong Generation, bool IsNew) Accept(DesiredMesh desired, string name)
    {
        MeshAcceptance acceptance = desired.Accept(Document(0, Node(name, 1)));
        Assert.Null(acceptance.Finding);
        return (acceptance.InForce.Generation, acceptance.IsNew);
    }

    private sealed class StallingWriter(ManualResetEventSlim stalled, ManualResetEventSlim release) : StringWriter
    {
        public override void Write(string? value)
        {
            stalled.Set();
            release.Wait(TimeSpan.FromSeconds(30));
            base.Write(value);
        }
    }
}

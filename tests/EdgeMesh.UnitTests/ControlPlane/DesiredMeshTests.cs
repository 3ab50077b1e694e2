using System;
using System.IO;
using System.Threading.Tasks;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.ControlPlane.DesiredState;
using EdgeMesh.Logging;
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
    public void Document_and_generation_survive_a_restart()
    {
        Accept(new DesiredMesh(_directory.Path, StructuredLog.None), "a");
        Accept(new DesiredMesh(_directory.Path, StructuredLog.None), "b");
        var desired = new DesiredMesh(_directory.Path, StructuredLog.None);
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
    public void A_state_directory_that_can_t_be_written_stops_nothing()
    {
        var lines = new LogLines();
        var desired = new DesiredMesh(_directory.File("none"), lines.Log);
        Assert.Equal((1ul, true), Accept(desired, "a"));
        Assert.Contains("state_not_kept", lines.Text);
    }

    [Fact]
    public void A_corrupt_state_is_refused_with_its_name()
    {
        var lines = new LogLines();
        File.WriteAllText(_directory.File("desired.snapshot"), "garbage");
        Assert.Null(new DesiredMesh(_directory.Path, lines.Log).Read().Document);
        Assert.Contains("desired.snapshot", lines.Text);
    }

    private static (ulong Generation, bool IsNew) Accept(DesiredMesh desired, string name)
    {
        (MeshDocument document, bool isNew) = desired.Accept(Document(0, Node(name, 1)));
        return (document.Generation, isNew);
    }
}

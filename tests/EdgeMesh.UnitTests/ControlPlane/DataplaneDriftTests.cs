using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.ControlPlane.DesiredState;
using EdgeMesh.UnitTests.ControlChannel;
using Xunit;

namespace EdgeMesh.UnitTests.ControlPlane;

public sealed class DataplaneDriftTests
{
    [Theory]
    [InlineData(7, MeshSources.File, false)]
    [InlineData(8, MeshSources.File, true)]
    [InlineData(6, MeshSources.File, true)]
    [InlineData(7, MeshSources.Node, true)]  // the same number, counted by somebody else
    [InlineData(7, "", false)]               // an older data plane, which doesn't say who counts
    [InlineData(8, "", true)]
    public void What_was_confirmed_is_told_from_what_another_control_process_sent(
        ulong generation, string source, bool hasDrifted)
    {
        MeshDocument confirmed = SampleMeshes.Document(7);
        confirmed.Source = MeshSources.File;
        Status status = new() { Generation = generation, GenerationSource = source };
        Assert.Equal(hasDrifted, SnapshotPublisher.HasDrifted(status, confirmed));
    }
}

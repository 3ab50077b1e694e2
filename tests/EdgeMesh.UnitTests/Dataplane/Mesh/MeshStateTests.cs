using System;
using System.Threading.Tasks;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.Dataplane.Mesh;
using EdgeMesh.Libp2p.Identity;
using EdgeMesh.State;
using EdgeMesh.UnitTests.ControlChannel;
using EdgeMesh.UnitTests.ControlPlane;
using Google.Protobuf;
using Xunit;

namespace EdgeMesh.UnitTests.Dataplane.Mesh;

public sealed class MeshStateTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly KeyPair _own = KeyPair.Generate();
    private readonly LogLines _lines = new();

    private string FilePath => _directory.File("snapshot.bin");

    public void Dispose()
    {
        _own.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Nothing_on_disk_is_no_fault()
    {
        await using MeshState state = Restored();
        Assert.Equal("none", state.Source);
        Assert.Contains("info snapshot_missing", _lines.Text);
    }

    [Fact]
    public async Task The_previous_snapshot_is_applied_with_a_warning_if_the_last_one_is_no_document()
    {
        MeshNode own = SampleMeshes.Node("n0", 1);
        own.PeerId = ByteString.CopyFrom(_own.PeerId.Bytes.Span);
        StateFile file = File();
        file.Store(SampleMeshes.Document(7, own).ToByteArray());
        file.Store([0xFF]);
        await using MeshState state = Restored();
        Assert.Equal(("disk", 7ul), (state.Source, state.Applied.Document.Generation));
        Assert.Contains("warn snapshot_previous", _lines.Text);
        Assert.Contains("no mesh document", _lines.Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]   // whole, but no document
    public async Task A_previous_snapshot_that_can_t_be_taken_is_refused_with_its_name(bool isWhole)
    {
        byte[] bytes = isWhole ? StateFile.Encode([0xFF]) : [1, 2, 3];
        await System.IO.File.WriteAllBytesAsync(
            FilePath + ".previous", bytes, TestContext.Current.CancellationToken);
        await using MeshState state = Restored();
        Assert.Equal("none", state.Source);
        Assert.Contains("error snapshot_refused", _lines.Text);
        Assert.Contains(FilePath + ".previous", _lines.Text);
        Assert.DoesNotContain("snapshot_missing", _lines.Text);
    }

    private StateFile File() => new(FilePath, ControlLimits.MessageBytesMax);

    private MeshState Restored()
    {
        var state = new MeshState(new MeshCompiler("n0", _own.PeerId), File(), _lines.Log, _ => { });
        state.Restore();
        return state;
    }
}

using System;
using System.Net;
using System.Threading.Tasks;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.SystemTests.Fixtures;
using Xunit;

namespace EdgeMesh.SystemTests.Operators;

/// <summary>What a kubelet is told by the built programs. The lab is drawn at <see cref="MeshFixture"/>.</summary>
public sealed class ProbeTests(DefaultFixture fixture) : IClassFixture<DefaultFixture>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private MeshNode Node => fixture.Mesh.Node("cloud-2");

    [Theory]
    [InlineData(MeshNode.MetricsAddress, "/healthz")]
    [InlineData(MeshNode.MetricsAddress, "/readyz")]
    [InlineData(MeshNode.ControlAddress, "/healthz")]
    [InlineData(MeshNode.ControlAddress, "/readyz")]
    public async Task Both_programs_are_healthy_and_get_ready(string address, string path)
    {
        fixture.RequireMesh();
        (HttpStatusCode Status, string Text) answer = default;
        Assert.True(
            await Eventually.IsTrueAsync(
                async () => (answer = await Node.GetAsync(address, path)).Status == HttpStatusCode.OK, Patience),
            answer.Text);
        Assert.Equal("ok\n", answer.Text);
    }

    [Fact]
    public async Task Control_process_has_metrics_of_its_own()
    {
        fixture.RequireMesh();
        string text = "";
        Assert.True(
            await Eventually.IsTrueAsync(
                async () => (text = (await Node.GetAsync(MeshNode.ControlAddress, "/metrics")).Text)
                    .Contains("edgemesh_control_documents_total{result=\"applied\"} ", StringComparison.Ordinal),
                Patience),
            text);
        Assert.Contains("\nedgemesh_control_source_reachable 1\n", text, StringComparison.Ordinal);
        Assert.Contains("\nedgemesh_control_shard_age_seconds NaN\n", text, StringComparison.Ordinal);
        Assert.Contains("\nprocess_resident_memory_bytes ", text, StringComparison.Ordinal);
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.SystemTests.Fixtures;
using Xunit;

namespace EdgeMesh.SystemTests.Lifecycle;

/// <summary>
/// Connections that end because a process stops, or because both ends dialed at once, are no errors. The lab is drawn
/// at <see cref="MeshFixture"/>.
/// </summary>
public sealed class OrdinaryEndingTests(DebugLogFixture fixture) : IClassFixture<DebugLogFixture>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Starts_and_stops_of_peers_are_no_transport_errors()
    {
        fixture.RequireMesh();
        foreach (MeshNode node in fixture.Mesh.Nodes)
        {
            await AssertNoErrorAsync(node); // every pair has dialed at once
        }

        const int Rounds = 3;
        MeshNode stopping = fixture.Mesh.Node("edge-b");
        MeshNode[] others = [.. fixture.Mesh.Nodes.Where(node => node != stopping)];
        for (int round = 0; round < Rounds; round++)
        {
            Assert.Equal(0, await stopping.Dataplane!.StopAsync());
            foreach (MeshNode node in others)
            {
                Assert.True(
                    await Eventually.IsTrueAsync(
                        async () => (await node.StatusAsync()).Count("peers_connected") == others.Length - 1, Patience),
                    $"{node.Name} does not notice the end of {stopping.Name}");
            }

            stopping.StartDataplane();
            await fixture.Mesh.WaitUntilConnectedAsync();
        }

        foreach (MeshNode node in fixture.Mesh.Nodes)
        {
            await AssertNoErrorAsync(node);
        }
    }

    private static async Task AssertNoErrorAsync(MeshNode node)
    {
        // A dial may well be refused: by a peer that doesn't know this node yet, or that stops just then.
        IEnumerable<string> endings = node.Dataplane!.Log.Split('\n').Where(line =>
            !line.Contains(" debug dial_failed ", StringComparison.Ordinal) &&
            !line.Contains(" debug handshake_failed ", StringComparison.Ordinal));
        foreach (string text in (string[])["transport_error", "TransportError", "ECONNRESET"])
        {
            Assert.DoesNotContain(endings, line => line.Contains(text, StringComparison.Ordinal));
        }

        string[] errors =
        [
            .. (await node.MetricsAsync()).Split('\n').Where(line =>
                line.Contains("transport_error", StringComparison.Ordinal) &&
                !line.EndsWith(" 0", StringComparison.Ordinal)),
        ];
        Assert.True(errors.Length == 0, $"{node.Name}: {string.Join(string.Empty, errors)}\n{node.Dataplane!.Log}");
    }
}

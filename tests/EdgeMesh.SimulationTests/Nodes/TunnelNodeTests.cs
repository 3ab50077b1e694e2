using System.Linq;
using Xunit;

namespace EdgeMesh.SimulationTests.Nodes;

/// <summary>Whole nodes of the product, and what must hold of them whatever happens.</summary>
public sealed class TunnelNodeTests
{
    private const string Name = "EdgeMesh.SimulationTests.Nodes.TunnelNodeTests.";

    [Fact]
    public void Nodes_break_no_rule() =>
        SimulationSeeds.Run(Name + nameof(Nodes_break_no_rule), 1, 300, TunnelNode.Start);

    [Fact]
    public void The_same_seed_is_the_same_run()
    {
        foreach (int seed in Enumerable.Range(1, 10))
        {
            ScenarioResult first = ScenarioRunner.Run(ScenarioGenerator.Make(seed), TunnelNode.Start);
            ScenarioResult second = ScenarioRunner.Run(ScenarioGenerator.Make(seed), TunnelNode.Start);
            Assert.Equal(first, second);
            Assert.True(first.Delivered > 0);
        }
    }
}

using System;
using System.Linq;
using EdgeMesh.SimulationTests.Underlay;
using Xunit;

namespace EdgeMesh.SimulationTests.Nodes;

/// <summary>The oracle is tried on nodes that do one thing wrong each; and on one that does none.</summary>
public sealed class PlainNodeTests
{
    [Fact]
    public void Nodes_without_a_fault_break_no_rule() => SimulationSeeds.Run(
        "EdgeMesh.SimulationTests.Nodes.PlainNodeTests.Nodes_without_a_fault_break_no_rule", 1, 100,
        PlainNode.Factory());

    [Fact]
    public void The_same_seed_is_the_same_run()
    {
        foreach (int seed in Enumerable.Range(1, 10))
        {
            ScenarioResult first = ScenarioRunner.Run(ScenarioGenerator.Make(seed), PlainNode.Factory());
            ScenarioResult second = ScenarioRunner.Run(ScenarioGenerator.Make(seed), PlainNode.Factory());
            Assert.Equal(first, second);
            Assert.True(first.Delivered > 0);
        }
    }

    [Theory]
    [InlineData(PlainNodeFault.LosesUntold, "are missing")]
    [InlineData(PlainNodeFault.DeliversTwice, "delivered twice")]
    [InlineData(PlainNodeFault.DeliversElsewhere, "got a packet for")]
    [InlineData(PlainNodeFault.SwapsPackets, "out of order")]
    [InlineData(PlainNodeFault.SleepsOnWork, "went to sleep")]
    [InlineData(PlainNodeFault.NeverDialsAgain, "deliver nothing")]
    [InlineData(PlainNodeFault.WaitsForOthers, "nothing touched its nodes")]
    [InlineData(PlainNodeFault.SharesNothing, "nothing touched its nodes")]
    [InlineData(PlainNodeFault.ForgetsTails, "nothing touched its nodes")]
    public void A_fault_is_found_within_three_hundred_seeds(PlainNodeFault fault, string expected)
    {
        foreach (int seed in Enumerable.Range(1, 300))
        {
            try
            {
                ScenarioRunner.Run(ScenarioGenerator.Make(seed), PlainNode.Factory(fault));
            }
            catch (SimulationException found)
            {
                Assert.Contains(expected, found.Message, StringComparison.Ordinal);
                return;
            }
        }

        Assert.Fail("no seed found it");
    }
}

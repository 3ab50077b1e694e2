using System;
using System.Threading.Tasks;
using EdgeMesh.Dataplane.Model;
using Xunit;

namespace EdgeMesh.UnitTests.Dataplane.Model;

public sealed class NodeHealthTests
{
    [Fact]
    public async Task Loops_that_answer_are_well_however_long_nobody_asked()
    {
        await using HandNode node = new();
        NodeHealth health = new(node.Node);
        for (int i = 0; i < 3; i++)
        {
            Assert.Null(health.Health());
            node.Run();
            node.Time.Pass(TimeSpan.FromDays(1));
        }
    }

    [Fact]
    public async Task Loop_that_does_not_turn_is_named_after_its_time_and_well_again_when_it_turns()
    {
        await using HandNode node = new();
        NodeHealth health = new(node.Node);
        Assert.Null(health.Health());
        node.RunLinks();
        node.Time.Pass(LoopPulse.AnswerTimeMax);
        Assert.Null(health.Health());
        node.RunLinks();
        node.Time.Pass(TimeSpan.FromTicks(1));
        Assert.Equal("no turn for 10 s of the loops: worker-0", health.Health());
        node.Time.Pass(TimeSpan.FromHours(1));
        node.RunLinks();
        Assert.Equal("no turn for 10 s of the loops: worker-0", health.Health());

        node.Run();
        Assert.Null(health.Health());
    }

    [Fact]
    public async Task Ready_takes_a_link_that_is_up_and_a_mesh_document()
    {
        await using HandNode node = new() { IsTunUp = false };
        NodeHealth health = new(node.Node);
        Assert.StartsWith("the TUN link ", health.Readiness(), StringComparison.Ordinal);
        node.IsTunUp = true;
        Assert.StartsWith("no mesh document yet", health.Readiness(), StringComparison.Ordinal);
        node.Apply(hasPeer: false);
        Assert.Null(health.Readiness());
        node.IsTunUp = false;
        Assert.NotNull(health.Readiness());
    }
}

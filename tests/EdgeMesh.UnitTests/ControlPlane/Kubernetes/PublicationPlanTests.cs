using System;
using EdgeMesh.Cluster.Publications;
using EdgeMesh.ControlPlane.Sources.Kubernetes;
using Xunit;

namespace EdgeMesh.UnitTests.ControlPlane.Kubernetes;

public sealed class PublicationPlanTests
{
    private static readonly NodePublication Sample = new("n", "12D3KooW", ["/ip4/192.0.2.1/tcp/1"], "1", 7, [], "");

    private readonly PublicationPlan _plan = new();
    private int _nonce;

    [Fact]
    public void A_change_of_facts_is_published_at_once_under_another_nonce()
    {
        Publish(Sample, 0);
        Assert.Null(Next(Sample, 1));
        NodePublication moved = Sample with { Addresses = ["/ip4/192.0.2.2/tcp/1"] };
        string first = Publish(moved, 2).Nonce;
        Assert.NotEqual(first, Publish(Sample, 3).Nonce); // back again is a new object too
    }

    [Fact]
    public void A_changed_generation_alone_waits_ten_minutes_and_changed_problems_one()
    {
        Publish(Sample, 0);
        Assert.Null(Next(Sample with { Generation = 8 }, 599));
        Assert.NotNull(Next(Sample with { Generation = 8 }, 600));
        Assert.Null(Next(Sample with { Problems = ["p"] }, 59));
        Assert.NotNull(Next(Sample with { Problems = ["p"] }, 60));
    }

    [Fact]
    public void What_did_not_change_is_created_again_as_it_was_to_see_whether_it_is_there()
    {
        NodePublication first = Publish(Sample, 0);
        Assert.Same(first, Next(Sample, 600));
        Publish(Sample, 600);
        Assert.Null(Next(Sample, 1199));
    }

    [Fact]
    public void What_could_not_be_created_is_tried_again()
    {
        Assert.NotNull(Next(Sample, 0));
        Assert.NotNull(Next(Sample, 0));
    }

    private NodePublication Publish(NodePublication current, int seconds)
    {
        NodePublication next = Next(current, seconds)!;
        _plan.Confirm(next, TimeSpan.FromSeconds(seconds));
        return next;
    }

    private NodePublication? Next(NodePublication current, int seconds) =>
        _plan.Next(current, $"{++_nonce}", TimeSpan.FromSeconds(seconds));
}

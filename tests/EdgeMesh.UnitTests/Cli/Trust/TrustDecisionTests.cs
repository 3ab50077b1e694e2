using System;
using EdgeMesh.Cli;
using EdgeMesh.Cluster.Trust;
using Xunit;

namespace EdgeMesh.UnitTests.Cli.Trust;

public sealed class TrustDecisionTests
{
    private const string Old = "12D3KooWOld";
    private const string New = "12D3KooWNew";
    private const string Other = "12D3KooWOther";

    [Theory]
    [InlineData(null, New, null)]  // the first key
    [InlineData(Old, New, null)]   // a changed one
    [InlineData(Old, New, New)]    // named
    [InlineData(Old, null, New)]   // named before the node shows it
    [InlineData(null, null, New)]
    public void The_key_is_trusted_and_none_waits(string? trusted, string? pending, string? named)
    {
        var decision = TrustDecision.Of("n", new TrustRecord(trusted, pending), named);
        Assert.True(decision.IsDone);
        Assert.Equal(new TrustRecord(New, null), decision.Next);
        Assert.Contains(New, decision.Sentence, StringComparison.Ordinal);
        Assert.Equal(trusted is not null, decision.Sentence.Contains(Old, StringComparison.Ordinal));
    }

    [Fact]
    public void A_key_can_be_named_for_a_node_that_nothing_is_known_of() =>
        Assert.Equal(new TrustRecord(New, null), TrustDecision.Of("n", null, New).Next);

    [Fact]
    public void Another_key_than_the_one_that_waits_is_refused()
    {
        var decision = TrustDecision.Of("n", new TrustRecord(Old, New), Other);
        Assert.False(decision.IsDone);
        Assert.Null(decision.Next);
    }

    [Fact]
    public void Naming_the_trusted_key_refuses_the_one_that_waits()
    {
        var decision = TrustDecision.Of("n", new TrustRecord(Old, New), Old);
        Assert.True(decision.IsDone);
        Assert.Equal(new TrustRecord(Old, null), decision.Next);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(Old)]
    public void Approving_twice_changes_nothing(string? named)
    {
        var decision = TrustDecision.Of("n", new TrustRecord(Old, null), named);
        Assert.True(decision.IsDone);
        Assert.Null(decision.Next);
    }

    [Fact]
    public void Without_any_key_there_is_nothing_to_approve() => Assert.False(TrustDecision.Of("n", null, null).IsDone);
}

using System;
using System.Linq;
using EdgeMesh.ControlPlane.Controller.Composition;
using Xunit;

namespace EdgeMesh.UnitTests.ControlPlane.Controller;

public sealed class TrustBookTests
{
    private readonly ComposedCluster _cluster = new();

    public TrustBookTests() => _cluster.Settings(["10.244.0.0/16"]);

    [Fact]
    public void First_key_is_pinned_and_counts_once_it_is_kept()
    {
        _cluster.Composer.SetNode("a", []);
        _cluster.Publish("a", "a", "/ip4/192.0.2.1/tcp/1");
        ComposedMesh first = _cluster.Compose();
        Assert.Empty(first.Document!.Nodes);
        Assert.Equal(new KeyRecord(ComposedCluster.KeyOf("a"), null), first.Trust["a"]);

        ComposedMesh kept = _cluster.ComposeAndKeep();
        Assert.Equal(["/ip4/192.0.2.1/tcp/1"], Assert.Single(kept.Document!.Nodes).Addresses);
        Assert.Empty(kept.Trust);
        Assert.Empty(kept.Findings);
    }

    [Fact]
    public void Changed_key_waits_changes_nothing_and_holds_once_it_is_approved()
    {
        _cluster.Composer.SetNode("a", []);
        string old = _cluster.Publish("a", "a", "/ip4/192.0.2.1/tcp/1");
        ComposedMesh before = _cluster.ComposeAndKeep();
        _cluster.Publish("a", "a-new", "/ip4/192.0.2.2/tcp/1");
        ComposedMesh changed = _cluster.ComposeAndKeep();
        Assert.Same(before.Document, changed.Document);
        Assert.Equal(FindingReason.KeyChanged, Assert.Single(changed.Findings).Reason);
        Assert.Contains("edgemesh trust a", changed.Findings[0].Text, StringComparison.Ordinal);
        Assert.Empty(changed.Superseded);
        Assert.Equal(
            new KeyRecord(ComposedCluster.KeyOf("a"), ComposedCluster.KeyOf("a-new")),
            _cluster.Composer.Trust.Records["a"]);

        _cluster.Composer.Trust.SetRecord("a", new KeyRecord(ComposedCluster.KeyOf("a-new"), null));
        ComposedMesh approved = _cluster.ComposeAndKeep();
        Assert.Equal(["/ip4/192.0.2.2/tcp/1"], Assert.Single(approved.Document!.Nodes).Addresses);
        Assert.Empty(approved.Findings);
        Assert.Equal([old], approved.Superseded.Select(static publication => publication.ObjectName));
    }

    [Fact]
    public void Publication_that_was_made_again_while_nobody_watched_is_the_newest()
    {
        var book = new TrustBook();
        SeenPublication Made(string name, int second) => new(
            name, "a", ComposedCluster.KeyOf("a"), [], 0,
            new PublicationAge(DateTimeOffset.UnixEpoch.AddSeconds(second), 0, name));
        book.Set(Made("first", 1));
        book.Set(Made("second", 2));
        book.Set(Made("first", 3));
        Assert.Equal(["second", "first"], book.Of("a").Select(static publication => publication.ObjectName));
        book.Remove("first");
        Assert.Equal(["second"], book.Of("a").Select(static publication => publication.ObjectName));
    }

    [Fact]
    public void Node_that_comes_back_with_the_trusted_key_waits_for_nobody()
    {
        _cluster.Composer.SetNode("a", []);
        _cluster.Publish("a", "a");
        _cluster.ComposeAndKeep();
        _cluster.Publish("a", "a-new");
        _cluster.ComposeAndKeep();
        _cluster.Publish("a", "a");
        ComposedMesh back = _cluster.ComposeAndKeep();
        Assert.Empty(back.Findings);
        Assert.Null(_cluster.Composer.Trust.Records["a"].Pending);
        Assert.Equal(2, back.Superseded.Count);
    }

    [Fact]
    public void Approved_trust_admits_nobody_before_the_operators_word()
    {
        _cluster.Settings(["10.244.0.0/16"], trust: TrustMode.Approve);
        _cluster.Composer.SetNode("a", []);
        _cluster.Publish("a", "a");
        ComposedMesh waiting = _cluster.ComposeAndKeep();
        Assert.Empty(waiting.Document!.Nodes);
        Assert.Equal(FindingReason.KeyPending, Assert.Single(waiting.Findings).Reason);
        Assert.Equal(new KeyRecord(null, ComposedCluster.KeyOf("a")), _cluster.Composer.Trust.Records["a"]);

        _cluster.Publish("a", "a-new"); // installed anew while it waited
        _cluster.ComposeAndKeep();
        Assert.Equal(new KeyRecord(null, ComposedCluster.KeyOf("a-new")), _cluster.Composer.Trust.Records["a"]);

        _cluster.Composer.Trust.SetRecord("a", new KeyRecord(ComposedCluster.KeyOf("a-new"), null));
        Assert.Single(_cluster.ComposeAndKeep().Document!.Nodes);
    }

    [Fact]
    public void Pin_after_approve_takes_what_waited()
    {
        _cluster.Settings(["10.244.0.0/16"], trust: TrustMode.Approve);
        _cluster.Composer.SetNode("a", []);
        _cluster.Publish("a", "a");
        _cluster.ComposeAndKeep();
        _cluster.Settings(["10.244.0.0/16"], trust: TrustMode.Pin);
        Assert.Single(_cluster.ComposeAndKeep().Document!.Nodes);
    }

    [Fact]
    public void Peer_id_of_two_nodes_stays_with_its_holder_and_both_are_named()
    {
        _cluster.Composer.SetNode("a", []);
        _cluster.Composer.SetNode("b", []);
        _cluster.Publish("b", "copied"); // first seen
        _cluster.Publish("a", "copied");
        ComposedMesh composed = _cluster.ComposeAndKeep();
        Assert.Equal(["b"], composed.Document!.Nodes.Select(static node => node.Name));
        ControllerFinding finding = Assert.Single(composed.Findings);
        Assert.Equal((FindingReason.DuplicatePeerId, "a"), (finding.Reason, finding.Node));
        Assert.Contains("'b'", finding.Text, StringComparison.Ordinal);

        _cluster.Publish("a", "a");
        ComposedMesh mended = _cluster.ComposeAndKeep();
        Assert.Equal(["a", "b"], mended.Document!.Nodes.Select(static node => node.Name));
        Assert.Empty(mended.Findings);
    }

    [Fact]
    public void Trusted_node_that_copies_anothers_key_keeps_its_own()
    {
        _cluster.Composer.SetNode("a", []);
        _cluster.Composer.SetNode("b", []);
        _cluster.Publish("a", "a");
        _cluster.Publish("b", "b");
        ComposedMesh before = _cluster.ComposeAndKeep();
        _cluster.Publish("a", "b");
        ComposedMesh after = _cluster.ComposeAndKeep();
        Assert.Same(before.Document, after.Document);
        Assert.Equal(["DuplicatePeerId a"], _cluster.Findings());
        Assert.Null(_cluster.Composer.Trust.Records["a"].Pending);
    }

    [Fact]
    public void Key_of_a_node_that_is_gone_is_free()
    {
        _cluster.Composer.SetNode("old-name", []);
        string publication = _cluster.Publish("old-name", "key");
        _cluster.ComposeAndKeep();
        _cluster.Composer.RemoveNode("old-name");
        _cluster.Composer.Trust.Remove(publication);
        _cluster.Composer.SetNode("new-name", []);
        _cluster.Publish("new-name", "key");
        ComposedMesh composed = _cluster.ComposeAndKeep();
        Assert.Equal(["new-name"], composed.Document!.Nodes.Select(static node => node.Name));
        Assert.Empty(composed.Findings);
    }

    [Fact]
    public void Publications_of_a_node_that_the_cluster_does_not_have_want_a_proof()
    {
        _cluster.Publish("ghost", "ghost");
        ComposedMesh composed = _cluster.ComposeAndKeep();
        Assert.Equal(["ghost"], composed.Unproven);
        Assert.Empty(composed.Superseded);
        Assert.Empty(composed.Trust);
    }

    [Fact]
    public void Publication_that_vanishes_takes_no_address_away()
    {
        _cluster.Composer.SetNode("a", []);
        string name = _cluster.Publish("a", "a", "/ip4/192.0.2.1/tcp/1");
        ComposedMesh before = _cluster.ComposeAndKeep();
        _cluster.Composer.Trust.Remove(name);
        Assert.Same(before.Document, _cluster.ComposeAndKeep().Document);
    }
}

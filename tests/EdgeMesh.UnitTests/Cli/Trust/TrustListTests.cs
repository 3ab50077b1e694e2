using System;
using System.Collections.Generic;
using EdgeMesh.Cli;
using EdgeMesh.Cluster;
using EdgeMesh.Cluster.Trust;
using EdgeMesh.Kubernetes.Objects;
using Xunit;

namespace EdgeMesh.UnitTests.Cli.Trust;

public sealed class TrustListTests
{
    private const string Peer = "12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp";

    [Fact]
    public void A_record_in_a_configmap_that_anybody_may_have_made_is_named_and_not_shown()
    {
        var problems = new List<string>();
        IReadOnlyDictionary<string, TrustRecord> read = ClusterReader.ReadTrusted(
            [Map(ClusterNames.TrustOf("n"), new(Peer, null)), Map("mine", new(null, Peer))], problems);
        Assert.Equal(new TrustRecord(Peer, null), read["n"]);
        Assert.Contains("mine", Assert.Single(problems), StringComparison.Ordinal);
    }

    private static KubeConfigMap Map(string name, TrustRecord record) => new()
    {
        Metadata = { Name = name }, Data = new() { ["n"] = record.ToText() },
    };
}

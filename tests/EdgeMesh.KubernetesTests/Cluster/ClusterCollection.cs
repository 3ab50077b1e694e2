using Xunit;

namespace EdgeMesh.KubernetesTests.Cluster;

/// <summary>The tests that share one cluster; they run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class ClusterCollection : ICollectionFixture<ClusterFixture>
{
    /// <summary>The collection's name.</summary>
    public const string Name = "cluster";
}

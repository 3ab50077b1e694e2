using System;
using System.Linq;
using ArchUnitNET.Domain;
using ArchUnitNET.Fluent;
using ArchUnitNET.Loader;
using ArchUnitNET.xUnitV3;
using Xunit;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace EdgeMesh.ArchitectureTests;

/// <summary>Who may know whom, by namespace: between projects, and between the folders of a project.</summary>
public sealed class FolderTests
{
    private static readonly Architecture Product = new ArchLoader().LoadAssemblies([.. ProductAssemblies.All]).Build();

    /// <summary>Names of the projects.</summary>
    public static TheoryData<string> Projects =>
        [.. Repository.Projects.Where(project => project.IsProduct).Select(project => project.Name)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_knows_only_what_its_row_allows(string project) => Check(
        $"EdgeMesh.{project}", [.. ProjectTable.References[project].Select(other => $"EdgeMesh.{other}")]);

    [Theory]
    [InlineData("EdgeMesh.Packets.Headers", "EdgeMesh.Packets")]
    [InlineData("EdgeMesh.Forwarding.Routing")]
    [InlineData("EdgeMesh.Forwarding.Capsules", "EdgeMesh.Packets")]
    [InlineData(
        "EdgeMesh.Forwarding.Queues",
        "EdgeMesh.Packets", "EdgeMesh.Forwarding.DropReason", "EdgeMesh.Forwarding.PacketLedger",
        "EdgeMesh.Forwarding.PeerLedger")]
    [InlineData("EdgeMesh.Libp2p.Identity", "EdgeMesh.Addresses")]
    [InlineData("EdgeMesh.Libp2p.Multistreams", "EdgeMesh.Addresses")]
    [InlineData(
        "EdgeMesh.Libp2p.Security",
        "EdgeMesh.Noise", "EdgeMesh.Addresses", "EdgeMesh.Libp2p.Identity", "EdgeMesh.Libp2p.Multistreams")]
    [InlineData("EdgeMesh.Libp2p.Yamux")]
    [InlineData(
        "EdgeMesh.Libp2p.Connections",
        "EdgeMesh.Noise", "EdgeMesh.Addresses", "EdgeMesh.Libp2p.Security", "EdgeMesh.Libp2p.Multistreams",
        "EdgeMesh.Libp2p.Yamux")]
    [InlineData("EdgeMesh.Libp2p.Identify", "EdgeMesh.Addresses", "EdgeMesh.Libp2p.Connections")]
    [InlineData("EdgeMesh.Libp2p.Ping", "EdgeMesh.Libp2p.Connections")]
    [InlineData("EdgeMesh.Io.Loops", "EdgeMesh.Packets", "EdgeMesh.Native", "EdgeMesh.Underlay")]
    [InlineData("EdgeMesh.Io.Tun", "EdgeMesh.Packets", "EdgeMesh.Native", "EdgeMesh.Underlay", "EdgeMesh.Io.Loops")]
    [InlineData("EdgeMesh.Dataplane.Metrics", "EdgeMesh.Logging", "EdgeMesh.Metrics", "EdgeMesh.Dataplane.Model")]
    [InlineData(
        "EdgeMesh.ControlPlane.Sources",
        "EdgeMesh.ControlChannel", "EdgeMesh.Addresses", "EdgeMesh.Logging", "EdgeMesh.Cluster", "EdgeMesh.Kubernetes",
        "EdgeMesh.Native", "EdgeMesh.ControlPlane.DesiredState")]
    [InlineData(
        "EdgeMesh.ControlPlane.Controller.Composition",
        "EdgeMesh.ControlChannel", "EdgeMesh.Addresses", "EdgeMesh.ControlPlane.DesiredState")]
    [InlineData("EdgeMesh.Tunnel.Mesh", "EdgeMesh.Forwarding.Routing", "EdgeMesh.Addresses")]
    public void A_folder_knows_only(string folder, params string[] others) => Check(folder, others);

    [Theory]
    [InlineData("EdgeMesh.Io.Tun", "EdgeMesh.Io.Rings", "EdgeMesh.Io.Epoll", "EdgeMesh.Io.Sockets")]
    [InlineData("EdgeMesh.Io.Sockets", "EdgeMesh.Io.Rings", "EdgeMesh.Io.Epoll", "EdgeMesh.Io.Tun")]
    [InlineData("EdgeMesh.Io.Rings", "EdgeMesh.Io.Epoll")]
    [InlineData("EdgeMesh.Io.Epoll", "EdgeMesh.Io.Rings")]
    [InlineData("EdgeMesh.Libp2p.Yamux", "EdgeMesh.Libp2p.Security", "EdgeMesh.Libp2p.Identify",
        "EdgeMesh.Libp2p.Relay")]
    [InlineData("EdgeMesh.Dataplane.Model", "EdgeMesh.Dataplane.Control", "EdgeMesh.Dataplane.Metrics")]
    [InlineData("EdgeMesh.ControlPlane.Kernel", "EdgeMesh.ControlPlane.Sources")]
    [InlineData("EdgeMesh.ControlPlane.DesiredState", "EdgeMesh.ControlPlane.Kernel")]
    [InlineData(
        "EdgeMesh.Tunnel.Mesh",
        "EdgeMesh.Tunnel.Links", "EdgeMesh.Tunnel.Lanes", "EdgeMesh.Tunnel.Paths", "EdgeMesh.Tunnel.Workers")]
    [InlineData("EdgeMesh.Tunnel.Paths", "EdgeMesh.Tunnel.Links", "EdgeMesh.Tunnel.Lanes", "EdgeMesh.Tunnel.Workers")]
    [InlineData("EdgeMesh.Tunnel.Lanes", "EdgeMesh.Tunnel.Links", "EdgeMesh.Tunnel.Workers")]
    [InlineData("EdgeMesh.Tunnel.Workers", "EdgeMesh.Tunnel.Links")]
    public void A_folder_does_not_know(string folder, params string[] others)
    {
        Assert.True(
            Product.Types.Any(type => IsWithin(type, folder)), $"{folder} is not there: its row needs its new name");
        IArchRule rule = Types()
            .That().FollowCustomPredicate(type => IsWithin(type, folder), $"are in {folder}")
            .Should().NotDependOnAny(Types().That().FollowCustomPredicate(
                type => others.Any(other => IsWithin(type, other)), $"are in {string.Join(" or ", others)}"))
            .WithoutRequiringPositiveResults();
        rule.Check(Product);
    }

    private static void Check(string folder, string[] others)
    {
        IArchRule rule = Types()
            .That().FollowCustomPredicate(type => IsWithin(type, folder), $"are in {folder}")
            .Should().NotDependOnAny(Types().That().FollowCustomPredicate(
                type => IsWithin(type, "EdgeMesh") && !IsWithin(type, folder)
                    && !others.Any(other => IsWithin(type, other)),
                $"are outside of {string.Join(", ", [folder, .. others])}"));
        rule.Check(Product);
    }

    private static bool IsWithin(IType type, string name) =>
        type.FullName.StartsWith(name, StringComparison.Ordinal)
        && (type.FullName.Length == name.Length || type.FullName[name.Length] is '.' or '+' or '`' or '/');
}

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

    [Theory]
    [InlineData("EdgeMesh.Packets")]
    [InlineData("EdgeMesh.Noise")]
    [InlineData("EdgeMesh.Native")]
    [InlineData("EdgeMesh.ControlChannel")]
    [InlineData("EdgeMesh.Forwarding", "EdgeMesh.Packets")]
    [InlineData("EdgeMesh.Libp2p", "EdgeMesh.Noise")]
    [InlineData("EdgeMesh.Io", "EdgeMesh.Packets", "EdgeMesh.Native")]
    [InlineData(
        "EdgeMesh.Dataplane", "EdgeMesh.Forwarding", "EdgeMesh.Libp2p", "EdgeMesh.Io", "EdgeMesh.ControlChannel",
            "EdgeMesh.Packets")]
    [InlineData("EdgeMesh.ControlPlane", "EdgeMesh.ControlChannel", "EdgeMesh.Native")]
    [InlineData("EdgeMesh.Cli", "EdgeMesh.ControlChannel")]
    public void A_project_knows_only(string project, params string[] others) => Check(project, others);

    [Theory]
    [InlineData("EdgeMesh.Packets.Headers", "EdgeMesh.Packets")]
    [InlineData("EdgeMesh.Forwarding.Routing")]
    [InlineData("EdgeMesh.Forwarding.Capsules", "EdgeMesh.Packets")]
    [InlineData(
        "EdgeMesh.Forwarding.Queues",
        "EdgeMesh.Packets", "EdgeMesh.Forwarding.DropReason", "EdgeMesh.Forwarding.PacketLedger",
        "EdgeMesh.Forwarding.PeerLedger")]
    [InlineData("EdgeMesh.Libp2p.Identity", "EdgeMesh.Libp2p.UnsignedVarint", "EdgeMesh.Libp2p.VarintResult")]
    [InlineData(
        "EdgeMesh.Libp2p.Multiaddresses",
        "EdgeMesh.Libp2p.Identity", "EdgeMesh.Libp2p.UnsignedVarint", "EdgeMesh.Libp2p.VarintResult")]
    [InlineData("EdgeMesh.Libp2p.Multistreams", "EdgeMesh.Libp2p.UnsignedVarint", "EdgeMesh.Libp2p.VarintResult")]
    [InlineData(
        "EdgeMesh.Libp2p.Security", "EdgeMesh.Noise", "EdgeMesh.Libp2p.Identity", "EdgeMesh.Libp2p.Multistreams")]
    [InlineData("EdgeMesh.Libp2p.Yamux")]
    [InlineData("EdgeMesh.Io.Tun", "EdgeMesh.Packets", "EdgeMesh.Native", "EdgeMesh.Io")]
    [InlineData("EdgeMesh.Dataplane.Metrics", "EdgeMesh.ControlChannel")]
    [InlineData("EdgeMesh.ControlPlane.Sources", "EdgeMesh.ControlChannel")]
    public void A_folder_knows_only(string folder, params string[] others) => Check(folder, others);

    [Theory]
    [InlineData("EdgeMesh.Io.Tun", "EdgeMesh.Io.Rings", "EdgeMesh.Io.Epoll", "EdgeMesh.Io.Sockets")]
    [InlineData("EdgeMesh.Io.Sockets", "EdgeMesh.Io.Rings", "EdgeMesh.Io.Epoll", "EdgeMesh.Io.Tun")]
    [InlineData("EdgeMesh.Io.Rings", "EdgeMesh.Io.Epoll")]
    [InlineData("EdgeMesh.Io.Epoll", "EdgeMesh.Io.Rings")]
    [InlineData("EdgeMesh.Libp2p.Yamux", "EdgeMesh.Libp2p.Security", "EdgeMesh.Libp2p.Identify",
        "EdgeMesh.Libp2p.Relay")]
    [InlineData("EdgeMesh.ControlPlane.Kernel", "EdgeMesh.ControlPlane.Sources")]
    [InlineData("EdgeMesh.ControlPlane.DesiredState", "EdgeMesh.ControlPlane.Kernel")]
    public void A_folder_does_not_know(string folder, params string[] others)
    {
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

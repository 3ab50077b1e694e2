using EdgeMesh.Forwarding.Routing;
using Xunit;

namespace EdgeMesh.UnitTests.Forwarding.Routing;

public sealed class RouteCompilerTests
{
    private static readonly Prefix4 Wide = Parse("10.0.0.0/8");
    private static readonly Prefix4 Narrow = Parse("10.1.0.0/16");
    private static readonly Prefix6 Ula = new(System.UInt128.One << 120, 64);

    [Fact]
    public void Prefix_claimed_by_two_nodes_goes_to_neither_and_both_are_named()
    {
        RouteCompilation compilation = RouteCompiler.Compile(
        [
            new NodeRoutes("cloud-1", NextHop.Local, [Wide], []),
            new NodeRoutes("edge-a", NextHop.Peer(0), [Narrow], [Ula]),
            new NodeRoutes("edge-b", NextHop.Peer(1), [Narrow], [Ula]),
        ]);
        Assert.Equal(
            [
                new RouteConflict("10.1.0.0/16", "edge-a", "edge-b"),
                new RouteConflict(Ula.ToString(), "edge-a", "edge-b"),
            ],
            compilation.Conflicts);

        // Not to the owner of the wider prefix either.
        Assert.Equal(NextHop.None, compilation.Tables.V4.Lookup(Narrow.Address));
        Assert.Equal(NextHop.Local, compilation.Tables.V4.Lookup(Wide.Address));
        Assert.Equal(NextHop.None, compilation.Tables.V6.Lookup(Ula.Address));
    }

    [Fact]
    public void Third_claimant_is_named_too()
    {
        RouteCompilation compilation = RouteCompiler.Compile(
        [
            new NodeRoutes("a", NextHop.Peer(0), [Wide], []),
            new NodeRoutes("b", NextHop.Peer(1), [Wide], []),
            new NodeRoutes("c", NextHop.Peer(2), [Wide], []),
        ]);
        Assert.Equal(
            [new RouteConflict("10.0.0.0/8", "a", "b"), new RouteConflict("10.0.0.0/8", "a", "c")],
            compilation.Conflicts);
        Assert.Equal(NextHop.None, compilation.Tables.V4.Lookup(Wide.Address));
    }

    [Fact]
    public void Nested_prefixes_of_different_nodes_are_no_conflict()
    {
        RouteCompilation compilation = RouteCompiler.Compile(
        [
            new NodeRoutes("a", NextHop.Peer(0), [Wide, Wide], []),
            new NodeRoutes("b", NextHop.Peer(1), [Narrow], []),
        ]);
        Assert.Empty(compilation.Conflicts);
        Assert.Equal(NextHop.Peer(0), compilation.Tables.V4.Lookup(Wide.Address));
        Assert.Equal(NextHop.Peer(1), compilation.Tables.V4.Lookup(Narrow.Address));
    }

    private static Prefix4 Parse(string text)
    {
        Assert.True(Prefix4.TryParse(text, out Prefix4 prefix));
        return prefix;
    }
}

using EdgeMesh.Forwarding.Routing;
using EdgeMesh.UnitTests.Packets;

namespace EdgeMesh.UnitTests.Forwarding.Pipeline;

/// <summary>Two nodes: pod A's and pod B's, as each of them sees the mesh.</summary>
internal static class SampleRoutes
{
    public const int PeerA = 3;
    public const int PeerB = 5;
    private static readonly Prefix4 A4 = Prefix4.Covering(SamplePackets.PodA, 24);
    private static readonly Prefix4 B4 = Prefix4.Covering(SamplePackets.PodB, 24);
    private static readonly Prefix6 A6 = Prefix6.Covering(SamplePackets.PodA6, 64);
    private static readonly Prefix6 B6 = Prefix6.Covering(SamplePackets.PodB6, 64);

    /// <summary>A is local, B a peer.</summary>
    public static RoutingTables SeenByA { get; } = Tables(NextHop.Local, NextHop.Peer(PeerB));

    /// <summary>B is local, A a peer.</summary>
    public static RoutingTables SeenByB { get; } = Tables(NextHop.Peer(PeerA), NextHop.Local);

    private static RoutingTables Tables(NextHop a, NextHop b) => RouteCompiler.Compile(
    [
        new NodeRoutes("a", a, [A4], [A6]),
        new NodeRoutes("b", b, [B4], [B6]),
    ]).Tables;
}

using System.Collections.Generic;

namespace EdgeMesh.Forwarding.Routing;

/// <summary>The tables of a generation, and what could not go into them.</summary>
/// <param name="Tables">Ready to publish.</param>
/// <param name="Conflicts">One for each further node that claims a prefix, in the order of the nodes.</param>
public sealed record RouteCompilation(RoutingTables Tables, IReadOnlyList<RouteConflict> Conflicts);

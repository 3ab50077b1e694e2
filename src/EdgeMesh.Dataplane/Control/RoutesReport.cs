using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.Dataplane.Mesh;

namespace EdgeMesh.Dataplane.Control;

/// <summary>What <c>edgemesh routes</c> shows.</summary>
internal static class RoutesReport
{
    /// <summary>The prefixes of every node, those refused included.</summary>
    /// <param name="mesh">The document in force.</param>
    /// <param name="own">Name of this node.</param>
    public static Routes Build(AppliedMesh mesh, string own)
    {
        Routes routes = new();
        HashSet<string> refused = [.. mesh.View.Conflicts.Select(conflict => conflict.Prefix)];
        foreach (MeshNode node in mesh.Document.Nodes)
        {
            bool isLocal = string.Equals(node.Name, own, StringComparison.Ordinal);
            foreach (IpPrefix prefix in node.Prefixes)
            {
                bool isRefused = refused.Contains(IpPrefixes.Format(prefix));
                routes.Routes_.Add(
                    new Route { Prefix = prefix, Node = node.Name, Local = isLocal, Refused = isRefused });
            }
        }

        return routes;
    }
}

using System.Collections.Generic;
using System.Linq;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.ControlPlane.DesiredState;

namespace EdgeMesh.ControlPlane.Controller.Composition;

/// <summary>Judges composed nodes by the rules that every source's document must pass.</summary>
/// <remarks>
/// What rules say about two nodes at once (one prefix, one peer id) the composer has settled before, so the nodes that
/// changed can be judged without the others. A node's address that is wrong is left out; a node of which anything else
/// is wrong is left out as a whole. All others go on.
/// </remarks>
/// <param name="settings">The settings; judged before.</param>
internal sealed class MeshGuard(ControllerSettings settings)
{
    /// <summary>Judges nodes.</summary>
    /// <param name="made">The nodes; of two that contradict each other, the first stays.</param>
    /// <returns>Each with what may be in the document: null: nothing. Findings are added to the node.</returns>
    internal IReadOnlyList<(ClusterNode Node, MeshNode? Judged)> Judge(
        IReadOnlyList<(ClusterNode Node, MeshNode Made)> made)
    {
        var judged = new List<(ClusterNode Node, MeshNode? Judged)>(made.Count);
        foreach (List<(ClusterNode Node, MeshNode Made)> batch in Batches(made))
        {
            JudgeBatch(batch, judged);
        }

        return judged;
    }

    /// <summary>Is the document small enough?</summary>
    /// <returns>Null if so.</returns>
    internal static ControllerFinding? JudgeSize(MeshDocument mesh)
    {
        int prefixes = mesh.Nodes.Sum(static node => node.Prefixes.Count);
        if (mesh.Nodes.Count <= ControlLimits.NodesMax && prefixes <= ControlLimits.PrefixesMax)
        {
            return null;
        }

        return new ControllerFinding(FindingReason.MeshRefused, "", "size",
            $"{mesh.Nodes.Count} nodes with {prefixes} prefixes; the limits are {ControlLimits.NodesMax} and "
            + $"{ControlLimits.PrefixesMax}: the mesh stays as it was; give nodes ranges of their own, so that one "
            + "prefix stands for many pods");
    }

    // The rules limit a whole document; whether this one is within that is for JudgeSize to say, of all nodes.
    private static IEnumerable<List<(ClusterNode Node, MeshNode Made)>> Batches(
        IReadOnlyList<(ClusterNode Node, MeshNode Made)> made)
    {
        var batch = new List<(ClusterNode Node, MeshNode Made)>();
        int prefixes = 0;
        foreach ((ClusterNode Node, MeshNode Made) entry in made)
        {
            int own = entry.Made.Prefixes.Count;
            if (batch.Count == ControlLimits.NodesMax
                || (batch.Count > 0 && prefixes + own > ControlLimits.PrefixesMax))
            {
                yield return batch;
                batch = [];
                prefixes = 0;
            }

            batch.Add(entry);
            prefixes += own;
        }

        yield return batch;
    }

    private void JudgeBatch(
        List<(ClusterNode Node, MeshNode Made)> left, List<(ClusterNode Node, MeshNode? Judged)> judged)
    {
        while (left.Count > 0)
        {
            var mesh = new MeshDocument();
            mesh.CloudCidr.AddRange(settings.CloudCidr);
            mesh.EdgeCidr.AddRange(settings.EdgeCidr);
            mesh.Nodes.AddRange(left.Select(static entry => entry.Made));
            MeshFinding[] findings = [.. MeshRules.JudgeAll(mesh)];
            if (findings.Length == 0)
            {
                break;
            }

            left = Drop(left, findings, judged);
        }

        judged.AddRange(left.Select(static entry => (entry.Node, (MeshNode?)entry.Made)));
    }

    private static List<(ClusterNode Node, MeshNode Made)> Drop(
        List<(ClusterNode Node, MeshNode Made)> nodes, MeshFinding[] findings,
        List<(ClusterNode Node, MeshNode? Judged)> judged)
    {
        var wrong = findings.ToLookup(static finding => finding.Subject.Node);
        var left = new List<(ClusterNode Node, MeshNode Made)>(nodes.Count);
        for (int i = 0; i < nodes.Count; i++)
        {
            (ClusterNode node, MeshNode made) = nodes[i];
            foreach (MeshFinding finding in wrong[i])
            {
                node.Findings.Add(new ControllerFinding(
                    finding.Subject.Field == MeshField.NodeAddress
                        ? FindingReason.InvalidPublication : FindingReason.MeshRefused,
                    node.Name, finding.Subject.Field + " " + finding.Subject.Entry,
                    $"node '{node.Name}': {finding.ToText()}"));
            }

            if (wrong[i].Any(static finding => finding.Subject.Field != MeshField.NodeAddress))
            {
                judged.Add((node, null));
                continue;
            }

            left.Add((node, WithoutAddresses(made, [.. wrong[i].Select(static finding => finding.Subject.Entry)])));
        }

        return left;
    }

    private static MeshNode WithoutAddresses(MeshNode made, HashSet<int> entries)
    {
        if (entries.Count == 0)
        {
            return made;
        }

        MeshNode next = made.Clone();
        next.Addresses.Clear();
        next.Addresses.AddRange(made.Addresses.Where((_, i) => !entries.Contains(i)));
        return next;
    }
}

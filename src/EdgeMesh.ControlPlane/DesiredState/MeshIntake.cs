using System.Collections.Generic;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.Logging;

namespace EdgeMesh.ControlPlane.DesiredState;

/// <summary>Judges what a source offers, and puts it in force if nothing is wrong with it.</summary>
/// <param name="node">Name of this node.</param>
/// <param name="desired">What is in force.</param>
/// <param name="log">The log.</param>
internal sealed class MeshIntake(string node, DesiredMesh desired, StructuredLog log)
{
    private readonly MeshJudge _judge = new(node);

    /// <summary>Takes a whole document, or nothing of it.</summary>
    /// <param name="document">The document, its parts in any order; left as it is.</param>
    /// <returns>What is wrong, for the source to tell; none if the document is in force now.</returns>
    internal IReadOnlyList<MeshFinding> Offer(MeshDocument document)
    {
        IReadOnlyList<MeshFinding> findings = MeshRules.Judge(document, node);
        if (findings.Count > 0)
        {
            return findings;
        }

        MeshDocument canonical = document.Clone();
        MeshDocuments.Canonicalize(canonical);
        return Take(canonical);
    }

    /// <summary>As <see cref="Offer"/>, without a copy: documents of large clusters share what has not
    /// changed.</summary>
    /// <param name="document">Canonical, and never changed any more.</param>
    /// <returns>What is wrong, for the source to tell; none if the document is in force now.</returns>
    internal IReadOnlyList<MeshFinding> OfferCanonical(MeshDocument document)
    {
        IReadOnlyList<MeshFinding> findings = _judge.Judge(document);
        return findings.Count > 0 ? findings : Take(document);
    }

    private IReadOnlyList<MeshFinding> Take(MeshDocument canonical)
    {
        MeshAcceptance acceptance = desired.Accept(canonical);
        if (acceptance.Finding is MeshFinding finding)
        {
            return [finding];
        }

        log.Info("mesh_taken", ("generation", acceptance.InForce.Generation), ("source", acceptance.InForce.Source),
            ("nodes", acceptance.InForce.Nodes.Count), ("new", acceptance.IsNew));
        return [];
    }
}

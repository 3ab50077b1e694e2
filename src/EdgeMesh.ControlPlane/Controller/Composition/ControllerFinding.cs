namespace EdgeMesh.ControlPlane.Controller.Composition;

/// <summary>Something wrong with one node; it stands until a composition is without it.</summary>
/// <param name="Reason">What.</param>
/// <param name="Node">The node's name; empty if the whole mesh is meant.</param>
/// <param name="Subject">What tells it from others of the same reason and node.</param>
/// <param name="Text">Cause and remedy in one sentence.</param>
internal sealed record ControllerFinding(FindingReason Reason, string Node, string Subject, string Text)
{
    /// <summary>Findings with the same identity are the same one: numbers in the text may change.</summary>
    internal (FindingReason Reason, string Node, string Subject) Identity => (Reason, Node, Subject);
}

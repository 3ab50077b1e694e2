namespace EdgeMesh.Forwarding.Routing;

/// <summary>A prefix that several nodes claim, and that therefore nobody gets.</summary>
/// <param name="Prefix">The prefix as text.</param>
/// <param name="First">The node that was listed first.</param>
/// <param name="Second">The node that claims it too.</param>
public sealed record RouteConflict(string Prefix, string First, string Second)
{
    /// <summary>A sentence for the operator.</summary>
    public override string ToString() =>
        $"prefix {Prefix} is claimed by {First} and by {Second}: give it to one of them; "
        + "until then its packets are dropped";
}

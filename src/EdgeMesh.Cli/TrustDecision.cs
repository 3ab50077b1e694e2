using EdgeMesh.Cluster.Trust;

namespace EdgeMesh.Cli;

/// <summary>What becomes of a node's trust record. A function of what was read.</summary>
/// <param name="Next">What to write; null: nothing changes.</param>
/// <param name="IsDone">Is the node trusted as was asked, now or before? If not, the sentence says why.</param>
/// <param name="Sentence">For the operator.</param>
internal sealed record TrustDecision(TrustRecord? Next, bool IsDone, string Sentence)
{
    /// <summary>Decides.</summary>
    /// <param name="node">The node's name.</param>
    /// <param name="record">Its record; null: it has none.</param>
    /// <param name="peerId">The key that the operator means; null: whichever waits.</param>
    public static TrustDecision Of(string node, TrustRecord? record, string? peerId)
    {
        string? trusted = record?.PeerId;
        string? pending = record?.Pending;
        if (peerId is not null && pending is not null && pending != peerId && trusted != peerId)
        {
            return new TrustDecision(
                null, false,
                $"{node} shows the key {pending}, not {peerId}; nothing was changed: compare with what "
                + "'edgemesh-dataplane identity' says on that node");
        }

        string? wanted = peerId ?? pending;
        if (wanted is null)
        {
            return trusted is null
                ? new TrustDecision(
                    null, false,
                    $"nothing is known of {node}: see whether its agent runs ('edgemesh doctor --cluster'), or name "
                    + "the key that it will show with --peer-id")
                : new TrustDecision(null, true, $"{node}: no key waits; {trusted} is trusted already");
        }

        if (wanted == trusted)
        {
            return pending is null
                ? new TrustDecision(null, true, $"{node}: {trusted} is trusted already")
                : new TrustDecision(
                    new TrustRecord(trusted, null), true,
                    $"{node}: {trusted} stays trusted; the key {pending} is refused");
        }

        return new TrustDecision(
            new TrustRecord(wanted, null), true,
            $"{node}: {wanted} is trusted now"
            + (trusted is null ? "" : $", in place of {trusted}")
            + (wanted == pending ? "" : "; the node has not shown it yet"));
    }
}

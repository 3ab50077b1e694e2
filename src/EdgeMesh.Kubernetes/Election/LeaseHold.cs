using System;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.Kubernetes.Requests;

namespace EdgeMesh.Kubernetes.Election;

/// <summary>One candidate's view of a Lease: takes, renews and gives it back.</summary>
/// <param name="client">Speaks to the API.</param>
/// <param name="ns">The Lease's namespace.</param>
/// <param name="name">Its name.</param>
/// <param name="identity">Who this is.</param>
/// <param name="options">Times.</param>
/// <remarks>Driven by one task; <see cref="IsHeld"/>, Holder and Problem may be read from every thread.</remarks>
internal sealed class LeaseHold(
    KubeClient client, string ns, string name, string identity, LeaderElectionOptions options)
{
    private readonly TimeProvider _time = client.Options.Time ?? TimeProvider.System;
    private KubeLease? _lease;       // as last read or written
    private long _seenAt;            // when it was last seen to have changed
    private long _heldSince = NotHeld; // when the last successful renewal was sent
    private string _holder = "";
    private string _problem = "";

    private const long NotHeld = long.MinValue;

    internal string Holder => Volatile.Read(ref _holder);

    internal string Problem => Volatile.Read(ref _problem);

    /// <summary>Was it renewed within the deadline?</summary>
    internal bool IsHeld => Interlocked.Read(ref _heldSince) is var since
        && since != NotHeld && _time.GetElapsedTime(since) < options.RenewDeadline;

    /// <summary>Since the last successful renewal was sent.</summary>
    internal TimeSpan Age => _time.GetElapsedTime(Interlocked.Read(ref _heldSince));

    /// <summary>Takes the Lease if nobody holds it.</summary>
    internal async Task<bool> TryTakeAsync(CancellationToken cancellation)
    {
        long sentAt = _time.GetTimestamp();
        KubeResponse<KubeLease> now = await AskAsync(
            token => client.GetAsync(KubeResources.Leases, ns, name, token), options.RequestTimeLimit, cancellation);
        if (now.IsFound)
        {
            Observe(now.Value);
            return IsFree(now.Value) && await WriteAsync(now.Value, sentAt, cancellation);
        }

        if (!now.ProvesAbsence)
        {
            Note(now);
            return false;
        }

        // client-go counts from the first holder's transition as well: the number is for people.
        var lease = new KubeLease { Metadata = { Name = name, Namespace = ns } };
        return await WriteAsync(lease, sentAt, cancellation);
    }

    /// <summary>Renews what is held.</summary>
    /// <returns>False if it is lost: somebody else has it, it was deleted, or the deadline has passed.</returns>
    internal async Task<bool> RenewAsync()
    {
        TimeSpan left = options.RenewDeadline - Age;
        if (left <= TimeSpan.Zero)
        {
            return false;
        }

        long sentAt = _time.GetTimestamp();
        KubeResponse<KubeLease> written = await AskAsync(
            token => client.ReplaceAsync(KubeResources.Leases, Renewed(_lease!), token), Shorter(left),
            CancellationToken.None);
        if (written.IsFound)
        {
            Keep(written.Value, sentAt);
            return IsHeld;
        }

        Note(written);
        return written.Result switch
        {
            KubeResult.Conflict => await ReadAgainAsync(),
            KubeResult.NotFound => false, // somebody deleted it: whoever comes first makes a new one and leads
            _ => Age < options.RenewDeadline,
        };
    }

    /// <summary>Gives it back, so that another need not wait for its end. What fails here ends by itself.</summary>
    internal async Task GiveBackAsync()
    {
        Interlocked.Exchange(ref _heldSince, NotHeld);
        KubeLeaseSpec? spec = _lease?.Spec;
        if (spec is null)
        {
            return;
        }

        var free = new KubeLease
        {
            Metadata = _lease!.Metadata,
            Spec = new KubeLeaseSpec
            {
                HolderIdentity = "",
                LeaseDurationSeconds = 1,
                AcquireTime = spec.AcquireTime,
                RenewTime = KubeTimestamp.FormatMicros(_time.GetUtcNow()),
                LeaseTransitions = spec.LeaseTransitions,
            },
        };
        KubeResponse<KubeLease> written = await AskAsync(
            token => client.ReplaceAsync(KubeResources.Leases, free, token), options.RequestTimeLimit,
            CancellationToken.None);
        Note(written);
        if (written.IsFound)
        {
            Observe(written.Value);
        }
    }

    /// <summary>This process does not lead any more.</summary>
    internal void Drop() => Interlocked.Exchange(ref _heldSince, NotHeld);

    // A write whose answer was lost has changed the version: if the holder is still us, go on from there.
    private async Task<bool> ReadAgainAsync()
    {
        TimeSpan left = options.RenewDeadline - Age;
        if (left <= TimeSpan.Zero)
        {
            return false;
        }

        KubeResponse<KubeLease> now = await AskAsync(
            token => client.GetAsync(KubeResources.Leases, ns, name, token), Shorter(left), CancellationToken.None);
        if (!now.IsFound)
        {
            Note(now);
            return now.Result != KubeResult.NotFound && Age < options.RenewDeadline;
        }

        Observe(now.Value);
        return now.Value.Spec?.HolderIdentity == identity;
    }

    private async Task<bool> WriteAsync(KubeLease lease, long sentAt, CancellationToken cancellation)
    {
        bool isNew = lease.Metadata.ResourceVersion is null;
        KubeLease mine = Taken(lease);
        KubeResponse<KubeLease> written = await AskAsync(
            token => isNew
                ? client.CreateAsync(KubeResources.Leases, mine, token)
                : client.ReplaceAsync(KubeResources.Leases, mine, token),
            options.RequestTimeLimit, cancellation);
        if (!written.IsFound)
        {
            // Conflict: another candidate was faster.
            Note(written.Result == KubeResult.Conflict ? written with { Problem = "" } : written);
            return false;
        }

        Keep(written.Value, sentAt);
        return IsHeld;
    }

    private bool IsFree(KubeLease lease)
    {
        string? holder = lease.Spec?.HolderIdentity;
        if (string.IsNullOrEmpty(holder) || holder == identity)
        {
            return true;
        }

        double seconds = lease.Spec!.LeaseDurationSeconds ?? options.LeaseDuration.TotalSeconds;
        return _time.GetElapsedTime(_seenAt) > TimeSpan.FromSeconds(Math.Clamp(seconds, 1, 3600));
    }

    // Any write by anybody restarts the wait: the version alone tells.
    private void Observe(KubeLease lease)
    {
        if (_lease is null || _lease.Metadata.ResourceVersion != lease.Metadata.ResourceVersion
            || _lease.Metadata.Uid != lease.Metadata.Uid)
        {
            _seenAt = _time.GetTimestamp();
        }

        _lease = lease;
        Volatile.Write(ref _holder, lease.Spec?.HolderIdentity ?? "");
        Volatile.Write(ref _problem, "");
    }

    private void Keep(KubeLease lease, long sentAt)
    {
        Observe(lease);
        Interlocked.Exchange(ref _heldSince, sentAt);
    }

    private void Note(KubeResponse<KubeLease> response) => Volatile.Write(ref _problem, response.Problem);

    private KubeLease Taken(KubeLease lease)
    {
        string now = KubeTimestamp.FormatMicros(_time.GetUtcNow());
        bool isOther = lease.Spec is not null && lease.Spec.HolderIdentity != identity;
        return new KubeLease
        {
            Metadata = lease.Metadata,
            Spec = new KubeLeaseSpec
            {
                HolderIdentity = identity,
                LeaseDurationSeconds = (int)Math.Ceiling(options.LeaseDuration.TotalSeconds),
                AcquireTime = now,
                RenewTime = now,
                LeaseTransitions = (lease.Spec?.LeaseTransitions ?? 0) + (isOther ? 1 : 0),
            },
        };
    }

    private KubeLease Renewed(KubeLease lease)
    {
        KubeLease renewed = Taken(lease);
        renewed.Spec!.AcquireTime = lease.Spec?.AcquireTime ?? renewed.Spec.AcquireTime;
        return renewed;
    }

    private TimeSpan Shorter(TimeSpan left) => left < options.RequestTimeLimit ? left : options.RequestTimeLimit;

    // An answer that comes too late is none, whatever the client's own time limit.
    private async Task<KubeResponse<KubeLease>> AskAsync(
        Func<CancellationToken, Task<KubeResponse<KubeLease>>> ask, TimeSpan limit, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(limit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        try
        {
            return await ask(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new KubeResponse<KubeLease>(
                KubeResult.Unavailable, null, $"Lease {ns}/{name}: no answer within {limit.TotalSeconds:0.###} s");
        }
    }
}

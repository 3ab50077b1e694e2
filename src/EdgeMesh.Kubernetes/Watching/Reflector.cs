using System;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.Kubernetes.Requests;

namespace EdgeMesh.Kubernetes.Watching;

/// <summary>Tells its owner the state of some objects, and each change of it, for ever.</summary>
/// <typeparam name="T">The objects.</typeparam>
/// <remarks>
/// <code>
///          +---------------- 410, or nothing to watch from ----------------+
///          v                                                               |
///   list page by page --&gt; watch from the list's version --&gt; ended --&gt; watch from the last event's version
///          ^    failed: wait, list again       failed: wait, watch again ---+
/// </code>
/// It never tells a deletion because something is not there: only an event of the API does that. One use per instance.
/// </remarks>
public sealed class Reflector<T>
    where T : KubeObject
{
    // A watch that lasted so long was no failure to open one.
    private static readonly TimeSpan WorkedAfter = TimeSpan.FromSeconds(10);

    private readonly KubeClient _client;
    private readonly KubeResource<T> _resource;
    private readonly KnownObjects _known = new();
    private readonly Random _random;
    private readonly TimeProvider _time;
    private readonly BackOff _backOff;
    private readonly bool _confirmsDeletions;

    private Func<ReflectorChange<T>, CancellationToken, ValueTask> _tell = static (_, _) => ValueTask.CompletedTask;
    private string? _version; // where the next watch begins; null: list first
    private long _listedAt;
    private bool _isFromCache; // the last list was

    /// <summary>Makes a reflector. Nothing is sent yet.</summary>
    /// <param name="client">Speaks to the API.</param>
    /// <param name="resource">The objects' kind.</param>
    /// <param name="options">What to follow; null: all.</param>
    public Reflector(KubeClient client, KubeResource<T> resource, ReflectorOptions? options = null)
        : this(client, resource, options, Random.Shared)
    {
    }

    /// <summary>As the other, with a chance that a test can repeat.</summary>
    internal Reflector(KubeClient client, KubeResource<T> resource, ReflectorOptions? options, Random random)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(resource);
        Options = options ?? new ReflectorOptions();
        _client = client;
        _resource = resource;
        _random = random;
        _time = client.Options.Time ?? TimeProvider.System;
        _backOff = new BackOff(Options.BackOffMin, Options.BackOffMax, random);
        _confirmsDeletions = Options.ConfirmsDeletions ?? client.Access.IsMetaServer;
    }

    /// <summary>What is followed.</summary>
    public ReflectorOptions Options { get; }

    /// <summary>Follows until cancelled; tries again after each failure.</summary>
    /// <param name="tell">Gets each change, one at a time and in order; its exceptions end the reflector.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>When it is cancelled: never otherwise.</returns>
    public async Task RunAsync(
        Func<ReflectorChange<T>, CancellationToken, ValueTask> tell, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(tell);
        _tell = tell;
        try
        {
            while (true)
            {
                cancellation.ThrowIfCancellationRequested();
                if (NeedsList() && !await ListAsync(cancellation))
                {
                    continue;
                }

                await WatchAsync(cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The owner's wish.
        }
    }

    /// <summary>
    /// Forgets an object that was told Missing, as its absence is proven. Only from within the callback.
    /// </summary>
    /// <param name="key">The object's key.</param>
    public void Forget(string key) => _known.Forget(key);

    // Offline, metaServer's lists have no version to go on from, and may be a part of the truth: ask again each time.
    private bool NeedsList() => _version is null || _isFromCache
        || (Options.RelistInterval is { } interval && _time.GetElapsedTime(_listedAt) >= interval);

    // Tells each page as it comes: a cluster's pods are never held in memory at once.
    private async Task<bool> ListAsync(CancellationToken cancellation)
    {
        bool isFromCache = false;
        string? next = null;
        string version;
        _known.BeginList();
        do
        {
            var wanted = new KubePageOptions
            {
                LabelSelector = Options.LabelSelector,
                FieldSelector = Options.FieldSelector,
                Limit = Options.PageObjects,
                Continue = next,
            };
            KubePage<T> page = await _client.ListAsync(_resource, Options.Namespace, wanted, cancellation);
            if (!page.IsFound)
            {
                await FailAsync(page.Result, page.Problem, page.RetryAfter, cancellation);
                return false;
            }

            isFromCache |= page.IsFromCache;
            await TellPageAsync(page, cancellation);
            version = page.ResourceVersion;
            next = page.Continue;
        }
        while (next.Length > 0);

        _version = version; // not before: whoever watched from half a list would never get the other half
        _isFromCache = isFromCache;
        _listedAt = _time.GetTimestamp();
        foreach (string key in isFromCache ? [] : _known.FindMissing())
        {
            await TellAsync(new(ReflectorChangeKind.Missing, key), cancellation);
        }

        await TellAsync(new(ReflectorChangeKind.Listed, IsFromCache: isFromCache), cancellation);
        return true;
    }

    private async Task TellPageAsync(KubePage<T> page, CancellationToken cancellation)
    {
        foreach (T item in page.Items)
        {
            bool isSame = _known.See(item.Metadata.Key, item.Metadata.ResourceVersion);
            // Only a real API server's versions say that nothing has changed.
            if (!isSame || _client.Access.IsMetaServer)
            {
                await TellAsync(new(ReflectorChangeKind.Present, item.Metadata.Key, item), cancellation);
            }
        }

        foreach (KubeProblem problem in page.Malformed)
        {
            _known.SeeUnread(problem.Key);
            await TellAsync(Malformed(problem.Key, problem.Message), cancellation);
        }
    }

    private async Task WatchAsync(CancellationToken cancellation)
    {
        var options = new KubeWatchOptions
        {
            LabelSelector = Options.LabelSelector,
            FieldSelector = Options.FieldSelector,
            ResourceVersion = _version,
            // A watch that begins offline says nothing even when the link is back: ask again soon.
            Duration = Options.WatchMin
                + (_isFromCache ? TimeSpan.Zero : (Options.WatchMax - Options.WatchMin) * _random.NextDouble()),
        };
        long openedAt = _time.GetTimestamp();
        bool worked = false;
        KubeEvent<T>? failure = null;
        await foreach (KubeEvent<T> change in _client.WatchAsync(_resource, Options.Namespace, options, cancellation))
        {
            if (change.Kind == KubeEventKind.Failed)
            {
                failure = change;
                break; // the connection is closed before the wait
            }

            worked |= change.Kind != KubeEventKind.Opened;
            await TellEventAsync(change, cancellation);
        }

        bool hasWorked = worked || _time.GetElapsedTime(openedAt) >= WorkedAfter;
        if (failure is not null)
        {
            await FailWatchAsync(failure, hasWorked, cancellation);
            return;
        }

        if (hasWorked)
        {
            _backOff.Reset();
            return;
        }

        // A server that ends each watch at once is not asked in a circle.
        await FailAsync(KubeResult.Unavailable, $"watch {_resource}: it ended at once", null, cancellation);
    }

    private async Task FailWatchAsync(KubeEvent<T> change, bool hadWorked, CancellationToken cancellation)
    {
        if (hadWorked)
        {
            _backOff.Reset();
        }

        if (change.Result is KubeResult.Gone or KubeResult.Invalid or KubeResult.Malformed or KubeResult.NotFound)
        {
            _version = null; // there is nothing to go on from
        }

        if (change.Result == KubeResult.Gone && hadWorked)
        {
            return; // usual after a long time without an event: list at once
        }

        await FailAsync(change.Result, change.Problem, change.RetryAfter, cancellation);
    }

    private async Task TellEventAsync(KubeEvent<T> change, CancellationToken cancellation)
    {
        switch (change.Kind)
        {
            case KubeEventKind.Opened:
                await TellAsync(new(ReflectorChangeKind.Watching), cancellation);
                break;
            case KubeEventKind.Added or KubeEventKind.Modified:
                _known.See(change.Key, change.Object!.Metadata.ResourceVersion);
                await TellAsync(new(ReflectorChangeKind.Present, change.Key, change.Object), cancellation);
                break;
            case KubeEventKind.Deleted:
                await TellDeletedAsync(change, cancellation);
                break;
            case KubeEventKind.Malformed:
                _known.SeeUnread(change.Key);
                await TellAsync(Malformed(change.Key, change.Problem), cancellation);
                break;
            default:
                break; // a bookmark
        }

        if (change.Object?.Metadata.ResourceVersion is { Length: > 0 } version)
        {
            _version = version;
        }
    }

    private async Task TellDeletedAsync(KubeEvent<T> change, CancellationToken cancellation)
    {
        if (!_confirmsDeletions)
        {
            _known.Forget(change.Key);
            await TellAsync(new(ReflectorChangeKind.Deleted, change.Key, change.Object), cancellation);
            return;
        }

        KubeMetadata metadata = change.Object!.Metadata;
        KubeResponse<T> now = await _client.GetAsync(_resource, metadata.Namespace, metadata.Name, cancellation);
        if (now.IsFound)
        {
            _known.See(change.Key, version: null);
            await TellAsync(new(ReflectorChangeKind.Present, change.Key, now.Value), cancellation);
        }
        else if (now.Result == KubeResult.NotFound)
        {
            _known.Forget(change.Key);
            await TellAsync(new(ReflectorChangeKind.Deleted, change.Key, change.Object), cancellation);
        }
        else
        {
            await TellAsync(new(ReflectorChangeKind.Missing, change.Key, Problem: now.Problem), cancellation);
        }
    }

    private async Task FailAsync(
        KubeResult result, string problem, TimeSpan? retryAfter, CancellationToken cancellation)
    {
        if (result == KubeResult.Gone)
        {
            _version = null;
        }

        await TellAsync(new(ReflectorChangeKind.Failed, Problem: problem, Result: result), cancellation);
        await Task.Delay(_backOff.Next(retryAfter), _time, cancellation);
    }

    private static ReflectorChange<T> Malformed(string key, string problem) =>
        new(ReflectorChangeKind.Malformed, key, Problem: problem, Result: KubeResult.Malformed);

    private ValueTask TellAsync(ReflectorChange<T> change, CancellationToken cancellation) =>
        _tell(change, cancellation);
}

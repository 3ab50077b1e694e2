using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.ControlPlane.Controller.Composition;
using EdgeMesh.ControlPlane.Controller.Figures;
using EdgeMesh.ControlPlane.Controller.Publishing;
using EdgeMesh.ControlPlane.Controller.Watching;
using EdgeMesh.ControlPlane.Health;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.Kubernetes.Recording;
using EdgeMesh.Kubernetes.Requests;
using EdgeMesh.Logging;

namespace EdgeMesh.ControlPlane.Controller;

// One loop: wait for a change, gather, compose, keep trust, publish, tell, tidy up. Beside it the reflectors, the task
// that proves absences, and the one that writes Events. A term that fails ends the process: another replica leads then.

/// <summary>What a leader does, from winning the election until it loses it.</summary>
internal sealed class ControllerTerm
{
    /// <summary>The first change after rest waits so long for its company.</summary>
    internal static readonly TimeSpan GatherTime = TimeSpan.FromMilliseconds(200);

    /// <summary>Least time from one round to the next.</summary>
    internal static readonly TimeSpan RoundInterval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan QuietInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RemovalInterval = TimeSpan.FromSeconds(2);
    private const int DeletionsPerRound = 50;

    private readonly KubeClient _client;
    private readonly string _ns;
    private readonly CurrentSettings _settings;
    private readonly ControllerFigures _figures;
    private readonly Heartbeat _heartbeat;
    private readonly StructuredLog _log;
    private readonly TimeProvider _time;
    private readonly ChangeSignal _signal;
    private readonly MeshPublisher _publisher;
    private readonly ClusterWatch _watch;
    private readonly FindingReport _report;
    private ControllerSettings? _taken; // the settings that the composer has
    private bool _isSeeded;
    private long _lookedForRemoval;

    internal ControllerTerm(
        KubeClient client, string ns, string cluster, CurrentSettings settings, Func<bool> isLeading, string identity,
        ControllerFigures figures, Heartbeat heartbeat, StructuredLog log, TimeProvider? time = null)
    {
        _client = client;
        _ns = ns;
        _settings = settings;
        _figures = figures;
        _heartbeat = heartbeat;
        _log = log;
        _time = time ?? TimeProvider.System;
        _signal = settings.Changed;
        _publisher = new MeshPublisher(cluster, new MeshStore(client, ns), isLeading, figures, log, _time);
        _watch = new ClusterWatch(
            client, ns, new MeshComposer(), new TrustStore(client, ns), log, _signal.Set);
        _report = new FindingReport(new EventRecorder(client, "edgemesh-controller", identity), log);
        _lookedForRemoval = _time.GetTimestamp();
    }

    /// <summary>Leads until told to stop.</summary>
    /// <param name="isFirst">Is it this process's first term? Then a mark that an earlier removal has left counts for
    /// nothing.</param>
    /// <param name="stop">Ends it.</param>
    internal async Task RunAsync(bool isFirst, CancellationToken stop)
    {
        try
        {
            await ResumeAsync(isFirst, stop);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
            Task[] tasks =
            [
                _watch.RunAsync(end.Token), ProveAsync(end.Token), _report.RunAsync(end.Token), LoopAsync(end.Token),
            ];
            Task first = await Task.WhenAny(tasks);
            await end.CancelAsync();
            await Task.WhenAll(tasks).ContinueWith(
                static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            await first;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The Lease is lost, or the process ends.
        }
        finally
        {
            _heartbeat.Rest();
        }
    }

    private async Task ResumeAsync(bool isFirst, CancellationToken stop)
    {
        _heartbeat.Mark();
        while (!await _publisher.ResumeAsync(_heartbeat.Mark, stop)
            || (isFirst && _publisher.IsUninstalling && !await _publisher.UnmarkAsync(_heartbeat.Mark, stop)))
        {
            await Task.Delay(RoundInterval, _time, stop);
            _heartbeat.Mark();
        }

        if (_publisher.Document is { } document)
        {
            _watch.Composer.Restore(document);
        }
    }

    private async Task LoopAsync(CancellationToken stop)
    {
        bool isToRepeat = false;
        while (true)
        {
            bool isChange = await _signal.WaitAsync(isToRepeat ? RoundInterval : QuietInterval, stop);
            _heartbeat.Mark();
            if (isChange)
            {
                await Task.Delay(GatherTime, _time, stop);
            }

            if (!_watch.IsComplete || _settings.Value is null)
            {
                continue;
            }

            if (await IsRemovedAsync(stop))
            {
                _log.Warn("mesh_uninstalling",
                    ("effect", "nothing is written any more, until this process is started again"));
                await RestAsync(stop);
            }

            long began = _time.GetTimestamp();
            isToRepeat = !await RoundAsync(stop);
            TimeSpan left = RoundInterval - GatherTime - _time.GetElapsedTime(began);
            await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, _time, stop);
        }
    }

    private async Task<bool> IsRemovedAsync(CancellationToken stop)
    {
        if (_time.GetElapsedTime(_lookedForRemoval) >= RemovalInterval)
        {
            _lookedForRemoval = _time.GetTimestamp();
            await _publisher.LookForRemovalAsync(stop);
        }

        return _publisher.IsUninstalling;
    }

    private async Task RestAsync(CancellationToken stop)
    {
        _heartbeat.Rest();
        await Task.Delay(Timeout.InfiniteTimeSpan, _time, stop);
    }

    private async Task<bool> RoundAsync(CancellationToken stop)
    {
        ComposedMesh composed = Compose();
        (bool isKept, bool isChanged) = await KeepTrustAsync(composed, stop);
        if (isChanged)
        {
            composed = Compose();
        }

        _report.Tell(composed.Findings);
        bool isPublished = composed.Document is null
            || await _publisher.PublishAsync(composed.Document, FloorOf(), _heartbeat.Mark, stop);
        await ReserveTrustAsync(stop);
        await TidyAsync(composed, stop);
        Publish(composed);
        return isKept && isPublished;
    }

    private ComposedMesh Compose()
    {
        lock (_watch.Gate)
        {
            if (_settings.Value != _taken)
            {
                _taken = _settings.Value;
                _watch.Composer.SetSettings(_taken!);
            }

            SeedTrust();
            ComposedMesh composed = _watch.Composer.Compose();
            foreach (string node in composed.Unproven)
            {
                _watch.Absent.Add(new AbsentObject("nodes", node));
            }

            _watch.Absent.KeepNodes(composed.Unproven);
            _figures.CountComposition();
            return composed;
        }
    }

    // The ConfigMaps with the keys may be lost while no controller runs: the mesh in force says whom they trusted.
    private void SeedTrust()
    {
        if (_isSeeded)
        {
            return;
        }

        _isSeeded = true;
        foreach (MeshNode node in _publisher.Document?.Nodes.AsEnumerable() ?? [])
        {
            if (!_watch.Trust.HasMapOf(node.Name) && PeerId.TryDecode(node.PeerId.Span, out PeerId? peer, out _))
            {
                _watch.Composer.Trust.SetRecord(node.Name, new KeyRecord(peer, null));
            }
        }
    }

    private async Task<(bool IsKept, bool IsChanged)> KeepTrustAsync(ComposedMesh composed, CancellationToken stop)
    {
        IReadOnlyList<string> maps;
        lock (_watch.Gate)
        {
            maps = _watch.Trust.MapsToWrite(composed.Trust, _watch.Composer.Trust);
        }

        bool isKept = true;
        foreach (string map in maps)
        {
            _heartbeat.Mark();
            KubeResponse<KubeConfigMap> response = await _watch.WriteTrustAsync(map, composed.Trust, stop);
            isKept &= response.IsFound;
            if (response.IsFound)
            {
                _figures.CountTrustWrite();
            }
            else if (response.Result != KubeResult.Conflict) // else somebody else wrote it: the watch brings that
            {
                _log.Warn("trust_not_written", ("object", map), ("problem", response.Problem));
            }
        }

        return (isKept, maps.Count > 0);
    }

    // An agent that may create ConfigMaps could else make one that trusts whom it likes, under a name that is free.
    private async Task ReserveTrustAsync(CancellationToken stop)
    {
        IReadOnlyList<string> maps;
        lock (_watch.Gate)
        {
            maps = _watch.Trust.Unreserved();
        }

        foreach (string map in maps)
        {
            _heartbeat.Mark();
            KubeResponse<KubeConfigMap> response = await _watch.WriteTrustAsync(
                map, new Dictionary<string, KeyRecord>(), stop);
            if (!response.IsFound)
            {
                return; // the next round tries again; what keeps it from writing is told elsewhere
            }

            _figures.CountTrustWrite();
        }
    }

    private ulong FloorOf()
    {
        lock (_watch.Gate)
        {
            return _watch.Composer.Trust.GreatestGeneration;
        }
    }

    // Publications that a newer one has replaced, and those of nodes that are proven to be gone.
    private async Task TidyAsync(ComposedMesh composed, CancellationToken stop)
    {
        List<string> names = [.. composed.Superseded.Select(static publication => publication.ObjectName)];
        lock (_watch.Gate)
        {
            names.AddRange(composed.Unproven
                .Where(node => _watch.Absent.IsProven(new AbsentObject("nodes", node)))
                .SelectMany(_watch.Composer.Trust.Of).Select(static publication => publication.ObjectName));
        }

        foreach (string name in names.Take(DeletionsPerRound))
        {
            _heartbeat.Mark();
            KubeResponse<KubeConfigMap> response = await _client.DeleteAsync(
                KubeResources.ConfigMaps, _ns, name, null, stop);
            if (response.Result is not (KubeResult.Found or KubeResult.NotFound))
            {
                _log.Warn("publication_not_deleted", ("object", name), ("problem", response.Problem));
                return;
            }

            _figures.CountPublicationDeleted();
        }
    }

    private void Publish(ComposedMesh composed)
    {
        MeshDocument? document = _publisher.Document;
        lock (_watch.Gate)
        {
            _figures.Model = new ControllerModel
            {
                Generation = document?.Generation ?? 0,
                Nodes = _watch.Composer.KnownNodes,
                NodesInMesh = document?.Nodes.Count ?? 0,
                Pods = _watch.Composer.Pods,
                Prefixes = document?.Nodes.Sum(static node => node.Prefixes.Count) ?? 0,
                Findings = ControllerModel.Count(composed.Findings),
                ApiProblems = _watch.Problems.Count,
            };
        }
    }

    private async Task ProveAsync(CancellationToken stop)
    {
        while (true)
        {
            IReadOnlyList<AbsentObject> asked;
            lock (_watch.Gate)
            {
                asked = _watch.Absent.Asked;
            }

            foreach (AbsentObject absent in asked)
            {
                if (!await _watch.ProveAsync(absent, stop))
                {
                    break; // the API is away: so it is for the others
                }
            }

            await Task.Delay(RoundInterval, _time, stop);
        }
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.Logging;

namespace EdgeMesh.ControlPlane.DesiredState;

/// <summary>Keeps the data plane at the desired state: a snapshot at each connection, deltas after that.</summary>
internal sealed class SnapshotPublisher
{
    private static readonly TimeSpan BackoffMin = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan BackoffMax = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan ReportGather = TimeSpan.FromMilliseconds(500);

    // Tells the data plane that its state is still the desired one, and finds out if it isn't.
    private static readonly TimeSpan ConfirmInterval = TimeSpan.FromSeconds(5);

    private readonly string _socketPath;
    private readonly DesiredMesh _desired;
    private readonly SharedValue<DataplaneFacts> _facts;
    private readonly SharedValue<SourceState> _source;
    private readonly ProblemBoard _board;
    private readonly StructuredLog _log;
    private readonly Action<bool> _told;
    private readonly Action _pulse;
    private bool _takesReports = true; // on this connection
    private readonly SiteReach _sites = new();
    private MeshDocument? _reachOf;    // the document of _reach
    private IReadOnlyList<string> _reach = [];
    private MeshDocument? _applied;   // what the data plane has answered on this connection
    private MeshDocument? _confirmed; // the last one it has confirmed on any
    private string _conflicts = "";
    private string _lastProblem = "";

    /// <summary>Makes the publisher; touches nothing.</summary>
    /// <param name="socketPath">The data plane's socket.</param>
    /// <param name="desired">What is to be in force.</param>
    /// <param name="log">The log.</param>
    /// <param name="facts">Gets what the data plane says of itself; null: nobody wants it.</param>
    /// <param name="source">What the source says of itself; null: nothing.</param>
    /// <param name="board">What is wrong; told to the data plane, so that status shows it; null: nothing.</param>
    /// <param name="told">Called with each answer to a document: was it taken? Null: nobody wants to know.</param>
    /// <param name="pulse">Called each time around; null: nobody asks.</param>
    internal SnapshotPublisher(
        string socketPath,
        DesiredMesh desired,
        StructuredLog log,
        SharedValue<DataplaneFacts>? facts = null,
        SharedValue<SourceState>? source = null,
        ProblemBoard? board = null,
        Action<bool>? told = null,
        Action? pulse = null)
    {
        _told = told ?? (static _ => { });
        _pulse = pulse ?? (static () => { });
        _socketPath = socketPath;
        _desired = desired;
        _log = log;
        _facts = facts ?? new SharedValue<DataplaneFacts>();
        _source = source ?? new SharedValue<SourceState>();
        _board = board ?? new ProblemBoard();
    }

    internal async Task RunAsync(CancellationToken stop)
    {
        TimeSpan backoff = BackoffMin;
        while (true)
        {
            _pulse();
            try
            {
                await using ControlClient client = await ControlClient.ConnectAsync(_socketPath, ConnectTimeout, stop);
                _log.Info("dataplane_connected", ("socket", _socketPath), ("pid", client.ServerProcessId));
                _lastProblem = "";
                backoff = BackoffMin;
                _applied = null;
                _takesReports = true;
                await ServeAsync(client, stop);
            }
            catch (ControlChannelException e)
            {
                if (e.Message != _lastProblem)
                {
                    _log.Warn("dataplane_unreachable", ("problem", e.Message));
                    _lastProblem = e.Message;
                }
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                _log.Warn("dataplane_silent", ("socket", _socketPath), ("seconds", AnswerTimeout.TotalSeconds));
            }

            await Task.Delay(backoff, stop);
            backoff = backoff * 2 < BackoffMax ? backoff * 2 : BackoffMax;
        }
    }

    // Until the connection ends.
    private async Task ServeAsync(ControlClient client, CancellationToken stop)
    {
        await LiftGenerationAsync(client, stop);
        while (!client.Closed.IsCompleted)
        {
            _pulse();
            (MeshDocument? document, Task changed) = _desired.Read();
            if (document is not null && !ReferenceEquals(document, _applied))
            {
                await PushAsync(client, document, stop);
            }

            (IReadOnlyList<string> problems, Task hasOthers) = _board.Read();
            (SourceState? source, Task hasNews) = _source.Read();
            await ReportAsync(client, document, source, problems, stop);
            Task interval = Task.Delay(ConfirmInterval, stop);
            Task first = await Task.WhenAny(changed, client.Closed, hasOthers, hasNews, interval);
            stop.ThrowIfCancellationRequested();
            if (first == interval)
            {
                await ConfirmAsync(client, stop);
            }
            else if (first != changed && first != client.Closed)
            {
                // News come in bursts, and none of them is urgent.
                await Task.WhenAny(changed, client.Closed, Task.Delay(ReportGather, stop));
            }
        }

        throw await client.Closed;
    }

    private async Task LiftGenerationAsync(ControlClient client, CancellationToken stop)
    {
        Response answer = await AskAsync(client, new Request { Status = new StatusRequest() }, stop);
        Learn(answer.Status);
        ulong theirs = answer.Status?.Generation ?? 0;
        ulong ours = _desired.Read().Document?.Generation ?? 0;

        // Kept over restarts, an equal generation is equal content. Not kept, it is so only if it came from this very
        // process.
        if (theirs > ours || (theirs == ours && !_desired.IsKept && theirs != (_confirmed?.Generation ?? 0)))
        {
            _desired.RaiseAbove(theirs);
        }
    }

    private async Task PushAsync(ControlClient client, MeshDocument document, CancellationToken stop)
    {
        // Generations of two sources can't be compared, so there is no delta from one to the other.
        MeshDocument? before = _applied is not null && _applied.Source == document.Source ? _applied : null;
        Response response = before is null
            ? await AskAsync(client, new Request { ApplySnapshot = document }, stop)
            : await AskAsync(client, new Request { ApplyDelta = MeshDocuments.Diff(before, document) }, stop);
        if (response.Error is { Code: ErrorCode.Generation } && before is not null)
        {
            _log.Info("dataplane_wants_snapshot", ("reason", response.Error.Message));
            response = await AskAsync(client, new Request { ApplySnapshot = document }, stop);
        }

        // Refused or not: the same document again would get the same answer.
        _applied = document;
        _told(response.Error is null);
        if (response.Error is not null)
        {
            _log.Error("mesh_refused_by_dataplane", ("generation", document.Generation),
                ("problem", response.Error.Message));
            _board.Set(
                ProblemBoard.Dataplane,
                [$"the data plane refuses generation {document.Generation}: {response.Error.Message}"]);
            return;
        }

        _board.Set(ProblemBoard.Dataplane, []);

        _confirmed = document;
        _log.Info("mesh_applied", ("generation", document.Generation), ("nodes", document.Nodes.Count));
        ReportConflicts(response.Applied);
    }

    // An older data plane keeps no reports: then its status is silent about us.
    private async Task ReportAsync(
        ControlClient client, MeshDocument? document, SourceState? source, IReadOnlyList<string> problems,
        CancellationToken stop)
    {
        if (!_takesReports)
        {
            return;
        }

        if (!ReferenceEquals(_reachOf, document))
        {
            _reachOf = document;
            _reach = document is null ? [] : _sites.Find(document);
        }

        var report = new ControlReport
        {
            Source = document?.Source ?? "",
            Generation = document?.Generation ?? 0,
            ShardAgeSeconds = source?.Heard is long heard ? (Environment.TickCount64 - heard) / 1000.0 : -1,
            Trust = source?.Trust ?? "",
        };
        report.Problems.AddRange(problems.Take(ControlLimits.ReportLinesMax));
        report.Unreachable.AddRange(_reach);
        Response response = await AskAsync(client, new Request { Report = report }, stop);
        _takesReports = response.Error is null;
        if (response.Error is { } error)
        {
            _log.Debug("dataplane_takes_no_reports", ("problem", error.Message));
        }
    }

    private void Learn(Status? status)
    {
        if (status is { PeerId.Length: > 0 })
        {
            _facts.Set(new DataplaneFacts(status.PeerId, status.Version, [.. status.Listen]));
        }
    }

    private void ReportConflicts(Applied? applied)
    {
        string conflicts = string.Join("; ", applied?.Conflicts.AsEnumerable() ?? []);
        if (conflicts != _conflicts && conflicts.Length > 0)
        {
            _log.Error("mesh_conflicts", ("problem", conflicts));
        }

        _conflicts = conflicts;
    }

    private async Task ConfirmAsync(ControlClient client, CancellationToken stop)
    {
        Response response = await AskAsync(client, new Request { Status = new StatusRequest() }, stop);
        Learn(response.Status);
        if (response.Status is { } status && _applied is not null && ReferenceEquals(_confirmed, _applied)
            && HasDrifted(status, _applied))
        {
            // Another control process has been here.
            _log.Warn("dataplane_drifted", ("generation", status.Generation), ("source", status.GenerationSource),
                ("wanted", _applied.Generation), ("wanted_source", _applied.Source));
            _applied = null;

            // Whoever counts theirs: a delta names its base by number alone, so ours must not fit what they send again.
            _desired.RaiseAbove(status.Generation);
        }
    }

    /// <summary>Has the data plane something else than what it confirmed?</summary>
    /// <param name="status">What it says now.</param>
    /// <param name="confirmed">What it confirmed.</param>
    /// <returns>True if so.</returns>
    internal static bool HasDrifted(Status status, MeshDocument confirmed) =>
        status.Generation != confirmed.Generation

        // Two sources may count the same number. An older data plane doesn't say whose its number is.
        || (status.GenerationSource.Length > 0 && status.GenerationSource != confirmed.Source);

    private static async Task<Response> AskAsync(ControlClient client, Request request, CancellationToken stop)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stop);
        deadline.CancelAfter(AnswerTimeout);
        return await client.SendAsync(request, deadline.Token);
    }
}

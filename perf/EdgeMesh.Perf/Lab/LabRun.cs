using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Lab;
using EdgeMesh.Lab.Alternatives;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Lab;

/// <summary>
/// One run of the lab: all alternatives stand at once, each in a lab of its own, and every round takes one sample of
/// each test from each of them in turn, beginning with another one each time. So a slow phase of the machine hits all.
/// </summary>
internal sealed class LabRun(LabRequest request, TextWriter progress) : IAsyncDisposable
{
    private const int MessageLengthMax = 400;

    private readonly List<LabPath> _paths = [];
    private readonly SampleTable _table = new([.. request.Alternatives.Select(plan => plan.Name)]);
    private readonly List<string> _notes = [];
    private readonly SortedDictionary<string, (int Count, string First)> _failures = new(StringComparer.Ordinal);

    /// <summary>How many samples and alternatives are missing for another reason than absent programs.</summary>
    public int Failures { get; private set; }

    /// <summary>The samples so far.</summary>
    public SampleTable Samples => _table;

    /// <summary>Sentences about what is missing.</summary>
    public IReadOnlyList<string> Notes =>
    [
        .. _notes,
        .. _failures.Select(failure => string.Create(
            CultureInfo.InvariantCulture,
            $"{failure.Value.Count} samples of {failure.Key} are missing; the first failed with: "
            + $"{failure.Value.First}")),
    ];

    /// <summary>Samples of each figure.</summary>
    public int Rounds => request.Rounds;

    /// <summary>What stands.</summary>
    public IReadOnlyList<LabPath> Paths => _paths;

    /// <summary>Builds all alternatives; those that this machine lacks are noted.</summary>
    public async Task StartAsync(CancellationToken stop)
    {
        foreach (AlternativePlan plan in request.Alternatives)
        {
            stop.ThrowIfCancellationRequested();
            if (plan.WhyNot() is { } reason)
            {
                await NoteAsync($"{plan.Name} is not measured: {reason}");
                continue;
            }

            try
            {
                _paths.Add(await LabPath.StartAsync(plan));
            }
            catch (Exception failure) when (IsOfOneAlternative(failure))
            {
                Failures++;
                await NoteAsync($"{plan.Name} is not measured, it did not come up: {failure.Message}");
            }
        }

        if (_paths.Count == 0)
        {
            throw new PerfException($"nothing is up that could be measured: {string.Join("; ", _notes)}");
        }

        await progress.WriteLineAsync($"labs up: {string.Join(", ", _paths.Select(path => path.Name))}");
    }

    /// <summary>Takes all samples.</summary>
    public async Task MeasureAsync(CancellationToken stop)
    {
        // Loss comes last: a connection of the underlay takes its time to forget it.
        foreach (IGrouping<bool, LabTest> phase in request.Tests.GroupBy(test => test.LossPerMille > 0)
            .OrderBy(phase => phase.Key))
        {
            for (int round = 1; round <= request.Rounds; round++)
            {
                await MeasureRoundAsync([.. phase.Where(test => round <= request.RoundsOf(test))], round, stop);
            }
        }

        await MeasureMemoryAsync(stop);
    }

    /// <summary>Takes all labs down.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (LabPath path in _paths)
        {
            await path.DisposeAsync();
        }

        _paths.Clear();
    }

    private async Task MeasureRoundAsync(IReadOnlyList<LabTest> tests, int round, CancellationToken stop)
    {
        for (int i = 0; i < tests.Count; i++)
        {
            LabTest test = tests[i];
            var shown = new List<string>();
            foreach (LabPath path in InTurn(test, round + i))
            {
                stop.ThrowIfCancellationRequested();
                shown.Add($"{path.Name} {await SampleAsync(test, path, stop)}");
            }

            if (shown.Count > 0)
            {
                await progress.WriteLineAsync(
                    $"round {Number(round)} of {Number(request.RoundsOf(test))}  {test.About}"
                    + (test.About == test.Headline ? ": " : $", {test.Headline}: ")
                    + string.Join(", ", shown));
            }
        }
    }

    private IReadOnlyList<LabPath> InTurn(LabTest test, int turn)
    {
        LabPath[] covered = [.. _paths.Where(path => test.Covers(path.Alternative.Plan))];
        if (covered.Length == 0)
        {
            return covered;
        }

        List<LabPath> order = [.. covered.Skip(turn % covered.Length), .. covered.Take(turn % covered.Length)];
        int plain = order.FindIndex(path => path.Alternative.Plan.Kind == AlternativeKind.Plain);
        if (test.IsMultimodal && plain >= 0)
        {
            // As far from its other sample as can be: which of its speeds it has lasts for a while.
            order.Insert((plain + 1 + (order.Count / 2)) % (order.Count + 1), order[plain]);
        }

        return order;
    }

    private async Task<string> SampleAsync(LabTest test, LabPath path, CancellationToken stop)
    {
        try
        {
            if (test.LossPerMille > 0)
            {
                await path.LoseAsync(test.LossPerMille);
            }

            PerfResult result = await test.Sample(path, test.DurationOf(request.Duration), stop);
            if (test.LossPerMille > 0)
            {
                result = result with
                {
                    Parameters = new Dictionary<string, string>(result.Parameters)
                    {
                        ["loss"] = $"{Number(test.LossPerMille)}/1000",
                    },
                };
            }

            _table.Add(test.Name, result);
            return result.Find(test.Headline) is { } metric ? Short(metric.Median) + " " + metric.Unit : "-";
        }
        catch (Exception failure) when (IsOfOneAlternative(failure))
        {
            stop.ThrowIfCancellationRequested();
            Fail($"{test.Name} by {path.Name}", failure);
            return "failed";
        }
        finally
        {
            await EndLossAsync(test, path);
        }
    }

    private async Task EndLossAsync(LabTest test, LabPath path)
    {
        try
        {
            if (test.LossPerMille > 0)
            {
                await path.LoseAsync(perMille: 0);
            }
        }
        catch (Exception failure) when (IsOfOneAlternative(failure))
        {
            Fail($"{test.Name} by {path.Name}, whose underlay still loses packets", failure);
        }
    }

    // What an alternative that ended or hangs makes of a call: the others are measured on.
    private static bool IsOfOneAlternative(Exception failure) => failure is LabException or PerfException
        or InvalidOperationException or FormatException or IOException or NotSupportedException
        or OperationCanceledException or System.Net.Http.HttpRequestException
        or System.Net.Sockets.SocketException or System.Text.Json.JsonException;

    private async Task MeasureMemoryAsync(CancellationToken stop)
    {
        if (request.PlanForMemory is not { } plan || plan.WhyNot() is not null)
        {
            return;
        }

        foreach (int peers in request.PeersForMemory)
        {
            for (int round = 1; round <= request.RoundsOfMemory; round++)
            {
                stop.ThrowIfCancellationRequested();
                await progress.WriteLineAsync(
                    $"round {Number(round)} of {Number(request.RoundsOfMemory)}  memory with {Number(peers)} peers: "
                    + await SampleMemoryAsync(plan, peers, stop));
            }
        }
    }

    private async Task<string> SampleMemoryAsync(AlternativePlan plan, int peers, CancellationToken stop)
    {
        string test = LabRequest.MemoryPrefix + Number(peers);
        try
        {
            PerfResult result = await MemoryMeasurement.MeasureAsync(plan, peers, request.Duration, stop);
            _table.Add(test, result);
            return string.Join(
                ", ", result.Metrics.Select(metric => $"{metric.Name} {Short(metric.Median)} {metric.Unit}"));
        }
        catch (Exception failure) when (IsOfOneAlternative(failure))
        {
            stop.ThrowIfCancellationRequested();
            Fail(test, failure);
            return "failed";
        }
    }

    private void Fail(string what, Exception failure)
    {
        Failures++;
        string text = failure.Message.ReplaceLineEndings(" ");
        _failures[what] = _failures.TryGetValue(what, out (int Count, string First) before)
            ? (before.Count + 1, before.First)
            : (1, text[..Math.Min(text.Length, MessageLengthMax)]);
    }

    private async Task NoteAsync(string note)
    {
        _notes.Add(note);
        await progress.WriteLineAsync(note);
    }

    private static string Short(double value) => value.ToString(
        value switch
        {
            >= 100 => "0",
            >= 10 => "0.0",
            _ => "0.00",
        },
        CultureInfo.InvariantCulture);

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}

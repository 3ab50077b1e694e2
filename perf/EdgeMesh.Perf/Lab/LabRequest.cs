using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using EdgeMesh.Lab.Alternatives;

namespace EdgeMesh.Perf.Lab;

/// <summary>What a run of the lab was asked for.</summary>
/// <param name="Alternatives">What to measure beside each other.</param>
/// <param name="Tests">What to measure of each.</param>
/// <param name="PeersForMemory">With how many peers to measure resident memory.</param>
/// <param name="Rounds">Samples of each figure.</param>
/// <param name="Duration">Measured time of each sample.</param>
internal sealed record LabRequest(
    IReadOnlyList<AlternativePlan> Alternatives,
    IReadOnlyList<LabTest> Tests,
    IReadOnlyList<int> PeersForMemory,
    int Rounds,
    TimeSpan Duration)
{
    /// <summary>The word for every test.</summary>
    public const string All = "all";

    /// <summary>Tests of resident memory: this, and the number of peers.</summary>
    public const string MemoryPrefix = "memory-";

    private const int RoundsMax = 1000;

    /// <summary>Sites of the largest star that a lab builds.</summary>
    private const int PeersMax = 100;
    private static readonly TimeSpan DurationMin = TimeSpan.FromSeconds(0.1);
    private static readonly TimeSpan DurationMax = TimeSpan.FromMinutes(10);
    private static readonly string[] MemoryTests = [MemoryPrefix + "8", MemoryPrefix + "100"];

    /// <summary>Building a lab, starting what carries its packets, and taking it down.</summary>
    private static readonly TimeSpan Build = TimeSpan.FromSeconds(1.5);

    /// <summary>Looking at the machine before anything runs.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(3);

    /// <summary>How long all of it takes, about.</summary>
    public TimeSpan Estimate
    {
        get
        {
            TimeSpan time = Look + (Alternatives.Count * Build);
            foreach (LabTest test in Tests)
            {
                int samples = Alternatives.Count(test.Covers) + (test.IsMultimodal && HasPlain ? 1 : 0);
                time += test.Estimate(test.DurationOf(Duration)) * samples * RoundsOf(test);
            }

            return PlanForMemory is null
                ? time
                : PeersForMemory.Aggregate(
                    time, (sum, peers) => sum + (MemoryMeasurement.Estimate(peers, Duration) * RoundsOfMemory));
        }
    }

    /// <summary>The build whose memory is measured: the first of the product's.</summary>
    public AlternativePlan? PlanForMemory =>
        Alternatives.FirstOrDefault(plan => plan.Kind == AlternativeKind.EdgeMesh);

    /// <summary>Samples of resident memory.</summary>
    public int RoundsOfMemory => Math.Min(Rounds, MemoryMeasurement.RoundsMax);

    private bool HasPlain => Alternatives.Any(plan => plan.Kind == AlternativeKind.Plain);

    /// <summary>Reads words of a command line.</summary>
    /// <param name="via">Alternatives.</param>
    /// <param name="tests">Tests, groups of them, <c>memory-N</c>, or <c>all</c>.</param>
    /// <param name="rounds">Samples of each figure.</param>
    /// <param name="duration">Measured time of each sample.</param>
    /// <exception cref="PerfException">A word is none; the message says what can be asked for.</exception>
    public static LabRequest Parse(
        IReadOnlyList<string> via, IReadOnlyList<string> tests, int rounds, TimeSpan duration)
    {
        if (rounds is < 1 or > RoundsMax)
        {
            throw new PerfException($"{rounds} rounds; ask for 1 to {RoundsMax}");
        }

        if (duration < DurationMin || duration > DurationMax)
        {
            throw new PerfException(
                $"a duration of {duration.TotalSeconds} s; "
                + $"ask for {DurationMin.TotalSeconds} to {DurationMax.TotalSeconds} s");
        }

        string[] names =
        [
            .. Split(tests).SelectMany(
                name => name == All ? [.. LabTests.Names, .. MemoryTests] : new[] { name }),
        ];
        var peers = new List<int>();
        foreach (string name in names.Where(name => !LabTests.Names.Contains(name)))
        {
            peers.Add(PeersOf(name) ?? throw new PerfException(
                $"`{name}` is not a test of the lab: {string.Join(", ", LabTests.Names)}, memory-N with 1 to "
                + $"{PeersMax} peers, or {All}"));
        }

        return new LabRequest(
            [.. Split(via).Distinct().Select(AlternativePlan.Parse)],
            [.. LabTests.All.Where(test => names.Contains(test.Name) || names.Contains(test.Group))],
            [.. peers.Distinct()],
            rounds,
            duration);
    }

    /// <summary>How many rounds a test gets.</summary>
    public int RoundsOf(LabTest test) => Math.Min(Rounds, test.RoundsMax);

    private static IEnumerable<string> Split(IReadOnlyList<string> words) =>
        words.SelectMany(word => word.Split(
            ',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    private static int? PeersOf(string name)
    {
        ReadOnlySpan<char> number = name.StartsWith(MemoryPrefix, StringComparison.Ordinal)
            ? name.AsSpan(MemoryPrefix.Length)
            : "";
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int peers)
            && peers is >= 1 and <= PeersMax
                ? peers
                : null;
    }
}

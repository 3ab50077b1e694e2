using System;
using System.Collections.Generic;
using System.Text;
using EdgeMesh.Packets;

namespace EdgeMesh.SimulationTests.Underlay;

/// <summary>One clock, one seed, one real thread: runs all loops of all nodes, and the network between them.</summary>
/// <remarks>
/// <para>
/// Everything that happens is an event of one queue: an iteration of a loop, the arrival of bytes, what a test has
/// planned. The clock jumps from event to event. What happens at the same time is ordered by lots, so that another seed
/// is another order; the same seed is the same run, event for event (<see cref="TraceHash"/>).
/// </para>
/// <para>
/// Loops run beside each other in simulated time: an iteration costs its loop some microseconds, not the others.
/// </para>
/// </remarks>
public sealed class SimulatedWorld
{
    private const long StepsMax = 50_000_000;
    private const int TraceLinesMax = 200_000;

    private readonly PriorityQueue<(Action<object?> Callback, object? State), EventKey> _events = new();
    private readonly int _threadId = Environment.CurrentManagedThreadId;
    private readonly Random _lots;
    private readonly Stack<byte[]> _buffers = new();
    private readonly Queue<string>? _lines;
    private long _age;
    private Exception? _failure;
    private volatile string? _stray; // where code came from another thread: the run would depend on luck

    /// <summary>Makes an empty world.</summary>
    /// <param name="seed">All that is random follows from it.</param>
    /// <param name="isTraced">Whether the trace is kept as text, not only as a hash.</param>
    public SimulatedWorld(int seed, bool isTraced = false)
    {
        Seed = seed;
        _lots = new Random(seed);
        Random = new Random(unchecked((seed * 31) + 7));
        Network = new SimulatedNetwork(this, new Random(unchecked((seed * 31) + 17)));
        _lines = isTraced ? new Queue<string>() : null;
    }

    public int Seed { get; }

    /// <summary>Simulated time. Starts late enough to be no special value.</summary>
    public Instant Now { get; private set; } = new(1_000_000_000);

    /// <summary>Randomness for the parts of the world that have none of their own.</summary>
    public Random Random { get; }

    public SimulatedNetwork Network { get; }

    /// <summary>The loop whose iteration runs at this moment; null between iterations.</summary>
    public SimulatedNodeLoop? CurrentLoop { get; internal set; }

    /// <summary>The loop whose iteration the last event was; null if it was something else.</summary>
    public SimulatedNodeLoop? LastLoop { get; internal set; }

    /// <summary>Events so far.</summary>
    public long Steps { get; private set; }

    /// <summary>Called after each event, for invariants. It throws where one does not hold.</summary>
    public Action? AfterStep { get; set; }

    /// <summary>A hash of all that happened: two runs of one seed have the same.</summary>
    public ulong TraceHash { get; private set; } = 14695981039346656037;

    public bool IsTraced => _lines is not null;

    /// <summary>The last lines of the trace; empty if it is not kept.</summary>
    public string TraceText => _lines is null ? string.Empty : string.Join('\n', _lines);

    /// <summary>Plans an event.</summary>
    /// <param name="due">Not before now; an earlier one happens now.</param>
    /// <param name="callback">Runs outside of all loops; what it has for one goes through <see
    /// cref="SimulatedNodeLoop.End"/>.</param>
    /// <param name="state">Its argument.</param>
    public void At(Instant due, Action<object?> callback, object? state)
    {
        CheckThread();
        long when = Math.Max(due.Nanoseconds, Now.Nanoseconds);
        _events.Enqueue((callback, state), new EventKey(when, unchecked((uint)_lots.Next()), _age++));
    }

    /// <summary>Plans an event.</summary>
    public void After(TimeSpan time, Action action) =>
        At(Now + time, static state => ((Action)state!)(), action);

    /// <summary>Runs the next event.</summary>
    /// <returns>False if there is none, or none until <paramref name="limit"/>.</returns>
    public bool Step(Instant limit)
    {
        CheckThread();
        if (!_events.TryPeek(out (Action<object?> Callback, object? State) next, out EventKey key)
            || key.Due > limit.Nanoseconds)
        {
            return false;
        }

        _events.Dequeue();
        Now = new Instant(key.Due);
        Steps++;
        LastLoop = null;
        next.Callback(next.State);
        ThrowIfFailed();
        AfterStep?.Invoke();
        if (_stray is not null)
        {
            throw Violation("code ran on another thread: " + _stray);
        }

        return Steps < StepsMax ? true : throw Violation($"runaway: {StepsMax} events");
    }

    /// <summary>Runs all that happens in a time; the clock then stands at its end.</summary>
    public void RunFor(TimeSpan time)
    {
        Instant limit = Now + time;
        while (Step(limit))
        {
            // the events do it all
        }

        Now = limit;
    }

    /// <summary>Runs until something holds.</summary>
    /// <returns>Whether it holds; false if the time was up.</returns>
    public bool RunUntil(Func<bool> condition, TimeSpan timeMax)
    {
        Instant limit = Now + timeMax;
        while (!condition())
        {
            if (!Step(limit))
            {
                Now = limit;
                return condition();
            }
        }

        return true;
    }

    /// <summary>Notes what happened, for the hash and the text.</summary>
    public void Trace(string what, string who, long first = 0, long second = 0)
    {
        Fold(unchecked((ulong)Now.Nanoseconds));
        foreach (char letter in what)
        {
            Fold(letter);
        }

        foreach (char letter in who)
        {
            Fold(letter);
        }

        Fold(unchecked((ulong)first));
        Fold(unchecked((ulong)second));
        if (_lines is not null)
        {
            _lines.Enqueue($"{Describe(Now)} {who} {what} {first} {second}");
            if (_lines.Count > TraceLinesMax)
            {
                _lines.Dequeue();
            }
        }
    }

    /// <summary>Adds a line to the text; the hash does not know it.</summary>
    public void Note(string who, string text) => _lines?.Enqueue($"{Describe(Now)} {who} {text}");

    /// <summary>Something failed where nobody would see it: the next step throws it.</summary>
    public void Fail(Exception failure) => _failure ??= failure;

    /// <summary>Makes the exception that says what did not hold, when.</summary>
    public SimulationException Violation(string what)
    {
        var text = new StringBuilder();
        text.Append("at ").Append(Describe(Now)).Append(", step ").Append(Steps).Append(": ").Append(what);
        var violation = new SimulationException(text.ToString());
        Fail(violation); // also where the node swallows what is thrown
        return violation;
    }

    internal static string Describe(Instant time) => $"{time.Nanoseconds / 1_000_000_000.0:F6} s";

    /// <summary>Whether the caller is on the one thread of this world; if not, the next step fails.</summary>
    internal bool CheckThread()
    {
        if (Environment.CurrentManagedThreadId == _threadId)
        {
            return true;
        }

        _stray ??= Environment.StackTrace;
        return false;
    }

    internal byte[] RentBuffer() => _buffers.TryPop(out byte[]? buffer) ? buffer : new byte[SocketLimits.SendBytes];

    internal void ReturnBuffer(byte[] buffer) => _buffers.Push(buffer);

    private void ThrowIfFailed()
    {
        if (_failure is SimulationException)
        {
            throw _failure;
        }

        if (_failure is not null)
        {
            throw new SimulationException(
                $"at {Describe(Now)}, step {Steps}: {_failure.GetType().Name}: {_failure.Message}", _failure);
        }
    }

    private void Fold(ulong value) => TraceHash = unchecked((TraceHash ^ value) * 1099511628211);
}

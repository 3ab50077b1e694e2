using System;
using System.Threading;
using EdgeMesh.Underlay;

namespace EdgeMesh.Dataplane.Model;

/// <summary>Whether one loop turns: it is asked when somebody wants to know, and answers in its next turn.</summary>
/// <remarks>
/// Nothing per packet and nothing while nobody asks: a loop that sleeps is woken by the question. One asks at a time,
/// on any thread but the loop's; the loop writes only the answer.
/// </remarks>
/// <param name="name">The loop's name, for messages.</param>
/// <param name="loop">The loop.</param>
/// <param name="time">Tells how long an answer takes; the system's unless said.</param>
internal sealed class LoopPulse(string name, Loop loop, TimeProvider? time = null)
{
    /// <summary>How long a loop may take to come to its next iteration. An iteration is a batch, well under a
    /// millisecond; a machine that gives us no processor for so long has other troubles than this one.</summary>
    public static readonly TimeSpan AnswerTimeMax = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private long _asked;    // written by who asks
    private long _askedAt;  // the same
    private long _answered; // written by the loop's thread

    /// <summary>The loop's name.</summary>
    public string Name { get; } = name;

    /// <summary>Looks whether the last question was answered, and asks the next one.</summary>
    /// <returns>False if the loop has owed an answer for longer than <see cref="AnswerTimeMax"/>.</returns>
    public bool IsTurning()
    {
        if (Volatile.Read(ref _answered) < _asked)
        {
            return _time.GetElapsedTime(_askedAt) <= AnswerTimeMax;
        }

        _asked++;
        _askedAt = _time.GetTimestamp();
        loop.Post(static pulse => ((LoopPulse)pulse!).Answer(), this);
        return true;
    }

    // At most one question is open, so the answer is to that one.
    private void Answer() => Volatile.Write(ref _answered, Volatile.Read(ref _asked));
}

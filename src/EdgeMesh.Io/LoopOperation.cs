using System;
using System.Diagnostics;
using System.Threading.Tasks.Sources;

namespace EdgeMesh.Io;

/// <summary>Something that the kernel does for a loop; made once and started again and again.</summary>
/// <remarks>
/// It is also the source of the value task that its starter awaits, so waiting allocates nothing. The continuation
/// runs on the loop's thread, from the loop's list of ended operations, never inside the reaping of completions.
/// </remarks>
internal abstract class LoopOperation : IValueTaskSource<int>
{
    private ManualResetValueTaskSourceCore<int> _source;
    private bool _isAnswered;

    /// <summary>Where the loop keeps it while the kernel has it; -1 while it doesn't.</summary>
    public int Slot { get; set; } = -1;

    /// <summary>Whether the kernel has it, or its answer waits to be run.</summary>
    public bool IsPending { get; private set; }

    /// <summary>What the kernel answered: a count, or a negated errno.</summary>
    public int Result { get; private set; }

    /// <summary>Which start a value task belongs to.</summary>
    public short Version => _source.Version;

    /// <summary>What epoll does once the descriptor is ready.</summary>
    public OperationKind Kind { get; set; }

    /// <summary>Its descriptor.</summary>
    public int Descriptor { get; set; }

    /// <summary>Where its bytes are.</summary>
    public nint Address { get; set; }

    /// <summary>How many they are.</summary>
    public int Length { get; set; }

    /// <summary>Bytes of a send that an earlier turn moved.</summary>
    public int Moved { get; set; }

    /// <summary>The loop is about to start it.</summary>
    public void Begin()
    {
        Debug.Assert(!IsPending, "an operation is started once at a time");
        _source.Reset();
        IsPending = true;
        _isAnswered = false;
        Moved = 0;
    }

    /// <summary>The kernel answered; called while completions are reaped, so nothing but this is done.</summary>
    /// <param name="result">A count, or a negated errno.</param>
    /// <param name="hasMore">The kernel keeps the operation and will answer again.</param>
    public void Answer(int result, bool hasMore)
    {
        Result = result;
        if (!hasMore)
        {
            Slot = -1;
            _isAnswered = true;
        }

        Answered(result);
    }

    /// <summary>Resumes whoever waits.</summary>
    public void Complete()
    {
        IsPending &= !_isAnswered;
        Completed();
    }

    /// <summary>Keeps an answer, where there may be several before <see cref="Completed"/>.</summary>
    protected virtual void Answered(int result)
    {
    }

    /// <summary>What an ended operation does; unless told otherwise, its value task ends.</summary>
    protected virtual void Completed() => _source.SetResult(Result);

    int IValueTaskSource<int>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        // The continuation runs inline: it is on the loop's thread already, whatever context was captured.
        _source.OnCompleted(continuation, state, token, flags & ~ValueTaskSourceOnCompletedFlags.UseSchedulingContext);
}

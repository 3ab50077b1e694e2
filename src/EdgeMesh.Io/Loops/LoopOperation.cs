using System.Diagnostics;

namespace EdgeMesh.Io.Loops;

/// <summary>Something that the kernel does for a loop; made once and started again and again.</summary>
/// <remarks>
/// What it does when it has ended runs on the loop's thread, from the loop's list of ended operations, never inside the
/// reaping of completions.
/// </remarks>
internal abstract class LoopOperation
{
    private bool _isAnswered;

    /// <summary>Where the loop keeps it while the kernel has it; -1 while it doesn't.</summary>
    public int Slot { get; set; } = -1;

    /// <summary>Whether the kernel has it, or its answer waits to be run.</summary>
    public bool IsPending { get; private set; }

    /// <summary>What the kernel answered: a count, or a negated errno.</summary>
    public int Result { get; private set; }

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

    /// <summary>Does what is to be done after the end.</summary>
    public void Complete()
    {
        IsPending &= !_isAnswered;
        Completed();
    }

    /// <summary>Keeps an answer, where there may be several before <see cref="Completed"/>.</summary>
    protected virtual void Answered(int result)
    {
    }

    /// <summary>What an ended operation does.</summary>
    protected abstract void Completed();
}

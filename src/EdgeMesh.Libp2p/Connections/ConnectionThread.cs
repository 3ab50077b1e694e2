using System;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Threading;

namespace EdgeMesh.Libp2p.Connections;

/// <summary>The one thread that a connection lives on.</summary>
internal sealed class ConnectionThread
{
    private readonly SynchronizationContext _context;
    private readonly int _threadId = Environment.CurrentManagedThreadId;

    /// <summary>The calling thread, which must have a context that brings continuations back to it.</summary>
    public ConnectionThread()
    {
        _context = SynchronizationContext.Current ?? throw new InvalidOperationException(
            "A connection lives on one thread: make it under that thread's SynchronizationContext.");
        PipeScheduler = new ContextScheduler(_context);
    }

    /// <summary>Runs a pipe's continuations here.</summary>
    public PipeScheduler PipeScheduler { get; }

    /// <summary>Stays on in Release: a call from elsewhere would tear state that no lock guards.</summary>
    public void Check()
    {
        if (Environment.CurrentManagedThreadId != _threadId)
        {
            throw new InvalidOperationException(
                "A connection was used from another thread than its own. Code on its streams must not leave it, "
                + "for instance by ConfigureAwait(false).");
        }
    }

    /// <summary>The same for what happens per packet.</summary>
    [Conditional("DEBUG")]
    public void Assert() => Check();

    /// <summary>Does something on this thread when a token is canceled, wherever that happens.</summary>
    /// <remarks>Not Task.WaitAsync or Task.WhenAny: those go through another thread, and a run of the simulator would
    /// depend on luck.</remarks>
    public CancellationTokenRegistration OnCanceled(
        SendOrPostCallback action, object state, CancellationToken cancellationToken) =>
        cancellationToken.UnsafeRegister(
            static boxed =>
            {
                var (context, action, state) = ((SynchronizationContext, SendOrPostCallback, object))boxed!;
#pragma warning disable VSTHRD001 // The context is a worker's loop, not a user interface; a post can't deadlock.
                context.Post(action, state);
#pragma warning restore VSTHRD001
            },
            (_context, action, state));
}

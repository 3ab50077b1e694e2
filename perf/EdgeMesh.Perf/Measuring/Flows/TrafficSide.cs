using System;
using System.Collections.Generic;
using System.Threading;
using EdgeMesh.Perf.Measuring.Protocol;
using EdgeMesh.Traffic;

namespace EdgeMesh.Perf.Measuring.Flows;

/// <summary>One end's threads of a measurement: those that send and those that receive.</summary>
/// <remarks>
/// Threads: one per flow and direction, started together. The owner's thread takes intervals, tells the senders to end,
/// and then everyone.
/// </remarks>
internal abstract class TrafficSide : IDisposable
{
    private readonly List<Thread> _senders = [];
    private readonly List<Thread> _receivers = [];
    private readonly ManualResetEventSlim _gate = new();
    private long _allocatedBytes;

    /// <summary>What is sent, by stream.</summary>
    public FlowCounters[] Sent { get; protected init; } = [];

    /// <summary>What is received, by stream.</summary>
    public FlowCounters[] Received { get; protected init; } = [];

    /// <summary>Ends what sends.</summary>
    protected StopFlag SendingStop { get; } = new();

    /// <summary>Ends what receives.</summary>
    protected StopFlag ReceivingStop { get; } = new();

    /// <summary>Requests that were meant to leave before the end and have not.</summary>
    public virtual long Unsent => 0;

    /// <summary>What the threads that have ended allocated.</summary>
    public long AllocatedBytes => Interlocked.Read(ref _allocatedBytes);

    /// <summary>Starts all threads.</summary>
    public void Start()
    {
        _receivers.ForEach(thread => thread.Start());
        _senders.ForEach(thread => thread.Start());

        // Threads that already send or receive would keep the others from starting, on few cores for seconds.
        _gate.Set();
    }

    /// <summary>Brings the counters up to date, where somebody else counts.</summary>
    public virtual void Refresh()
    {
    }

    /// <summary>Sends no more, and waits until the last is handed to the kernel.</summary>
    public void StopSending()
    {
        SendingStop.Set();
        Join(_senders);
        OnSendingEnded();
    }

    /// <summary>Receives no more.</summary>
    public void StopReceiving()
    {
        ReceivingStop.Set();
        Join(_receivers);
    }

    /// <summary>Adds to what the sampler knows: order, jitter, loss.</summary>
    public virtual ReceivedOutcome Complete(ReceivedOutcome outcome) => outcome;

    /// <summary>Adds to what the sampler knows: retransmits, windows.</summary>
    public virtual SentOutcome Complete(SentOutcome outcome) => outcome;

    /// <inheritdoc/>
    public void Dispose()
    {
        SendingStop.Set();
        ReceivingStop.Set();
        _gate.Set();
        Join(_senders);
        Join(_receivers);
        _gate.Dispose();
        Close();
    }

    /// <summary>All senders have ended.</summary>
    protected virtual void OnSendingEnded()
    {
    }

    /// <summary>Closes the sockets; no thread uses them any more.</summary>
    protected abstract void Close();

    /// <summary>Adds a thread that sends.</summary>
    protected void AddSender(string name, ThreadStart work) => _senders.Add(Make(name, work));

    /// <summary>Adds a thread that receives.</summary>
    protected void AddReceiver(string name, ThreadStart work) => _receivers.Add(Make(name, work));

    private Thread Make(string name, ThreadStart work) => new(() =>
    {
        _gate.Wait();
        work();
        Interlocked.Add(ref _allocatedBytes, GC.GetAllocatedBytesForCurrentThread());
    })
    {
        IsBackground = true,
        Name = name,
    };

    private static void Join(List<Thread> threads) => threads.ForEach(thread =>
    {
        if (thread.ThreadState.HasFlag(ThreadState.Unstarted))
        {
            return;
        }

        thread.Join();
    });
}

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace EdgeMesh.Native.IoUring;

/// <summary>One io_uring: its two queues, mapped, and the calls that move them (io_uring(7)).</summary>
/// <remarks>
/// Belongs to the thread that opened it. A submission is queued by a <c>TryQueue…</c> method and reaches the kernel
/// with the next <see cref="Enter"/>; addresses must stay valid and unmoved until its completion is here.
/// </remarks>
public sealed unsafe class Ring : IDisposable
{
    private readonly RingParameters _parameters;
    private readonly RingFeatures _has;
    private readonly byte* _rings;
    private readonly nuint _ringsBytes;
    private readonly Submission* _submissions;
    private readonly nuint _submissionsBytes;
    private readonly uint* _submissionHead;
    private readonly uint* _submissionTail;
    private readonly uint* _submissionFlags;
    private readonly uint _submissionMask;
    private readonly uint* _completionHead;
    private readonly uint* _completionTail;
    private readonly uint _completionMask;
    private readonly Completion* _completions;
    private uint _tail;
    private uint _unsubmitted;
    private int _fd;

    internal Ring(int fd, RingParameters parameters, RingFeatures has, IReadOnlyList<string> features)
    {
        _fd = fd;
        _parameters = parameters;
        _has = has;
        Features = features;
        nuint submissionBytes = parameters.SubmissionRing.Array + (parameters.SubmissionEntries * sizeof(uint));
        nuint completionBytes =
            parameters.CompletionRing.Completions + (parameters.CompletionEntries * (uint)sizeof(Completion));
        _ringsBytes = Math.Max(submissionBytes, completionBytes);
        _rings = Map(fd, _ringsBytes, RingConstants.OffsetSubmissionRing);
        _submissionsBytes = parameters.SubmissionEntries * (uint)sizeof(Submission);
        _submissions = (Submission*)Map(fd, _submissionsBytes, RingConstants.OffsetSubmissions);
        _submissionHead = (uint*)(_rings + parameters.SubmissionRing.Head);
        _submissionTail = (uint*)(_rings + parameters.SubmissionRing.Tail);
        _submissionFlags = (uint*)(_rings + parameters.SubmissionRing.Flags);
        _submissionMask = *(uint*)(_rings + parameters.SubmissionRing.RingMask);
        _completionHead = (uint*)(_rings + parameters.CompletionRing.Head);
        _completionTail = (uint*)(_rings + parameters.CompletionRing.Tail);
        _completionMask = *(uint*)(_rings + parameters.CompletionRing.RingMask);
        _completions = (Completion*)(_rings + parameters.CompletionRing.Completions);
        _tail = *_submissionTail;
        bool hasArray = (parameters.Flags & RingConstants.SetupNoSubmissionArray) == 0;
        uint* array = (uint*)(_rings + parameters.SubmissionRing.Array);
        for (uint i = 0; hasArray && i < parameters.SubmissionEntries; i++)
        {
            array[i] = i; // slot i of the index array always names submission i
        }
    }

    /// <summary>Features of the kernel in use, for people.</summary>
    public IReadOnlyList<string> Features { get; }

    /// <summary>Whether one accept may bring many connections (Linux 5.19).</summary>
    public bool HasMultishotAccept => Has(RingFeatures.MultishotAccept);

    /// <summary>Whether TUN devices may be read and written through the ring (Linux 6.4).</summary>
    public bool HasTunNoWait => Has(RingFeatures.TunNoWait);

    /// <summary>System calls made so far.</summary>
    public long SystemCalls { get; private set; }

    /// <summary>Whether <see cref="Enter"/> takes a time to wait; else the caller queues a timeout.</summary>
    public bool CanWaitWithTimeout => Has(RingFeatures.TimedWait);

    /// <summary>Submissions that are queued and not yet with the kernel.</summary>
    public uint Unsubmitted => _unsubmitted;

    /// <summary>Opens a ring with the newest flags that the kernel takes.</summary>
    /// <param name="entries">Submissions at once; completions twice that.</param>
    /// <param name="allowed">What to use of newer kernels, where this one has it: less makes an older kernel.</param>
    /// <exception cref="NativeException">The kernel has no io_uring or forbids it.</exception>
    public static Ring Open(int entries, RingFeatures allowed = RingFeatures.All) => RingSetup.Open(entries, allowed);

    /// <summary>Queues a read of a file or device.</summary>
    /// <param name="fd">From where.</param>
    /// <param name="address">Where the bytes go.</param>
    /// <param name="length">At most that many bytes.</param>
    /// <param name="noWait">Complete with EAGAIN instead of waiting (RWF_NOWAIT).</param>
    /// <param name="userData">Comes back with the completion.</param>
    public bool TryQueueRead(int fd, nint address, int length, bool noWait, ulong userData)
    {
        if (!TryNext(out Submission* next))
        {
            return false;
        }

        Fill(next, RingConstants.OpRead, fd, address, length, userData);
        next->Offset = RingConstants.NoOffset;
        next->OperationFlags = noWait ? RingConstants.NoWait : 0;
        return true;
    }

    /// <summary>Queues a write to a file or device.</summary>
    public bool TryQueueWrite(int fd, nint address, int length, ulong userData)
    {
        if (!TryNext(out Submission* next))
        {
            return false;
        }

        Fill(next, RingConstants.OpWrite, fd, address, length, userData);
        next->Offset = RingConstants.NoOffset;
        return true;
    }

    /// <summary>Queues a write of several pieces as one.</summary>
    /// <param name="fd">Where to.</param>
    /// <param name="vectors">Address of an array of <c>struct iovec</c>.</param>
    /// <param name="count">Entries of that array.</param>
    /// <param name="userData">Comes back with the completion.</param>
    public bool TryQueueGatherWrite(int fd, nint vectors, int count, ulong userData)
    {
        if (!TryNext(out Submission* next))
        {
            return false;
        }

        Fill(next, RingConstants.OpWritev, fd, vectors, count, userData);
        next->Offset = RingConstants.NoOffset;
        return true;
    }

    /// <summary>Queues a receive of a socket.</summary>
    public bool TryQueueReceive(int fd, nint address, int length, ulong userData)
    {
        if (!TryNext(out Submission* next))
        {
            return false;
        }

        Fill(next, RingConstants.OpRecv, fd, address, length, userData);
        return true;
    }

    /// <summary>Queues a send to a socket; it completes when all is taken or the connection failed, on kernels before
    /// Linux 5.19 already when some is.</summary>
    public bool TryQueueSend(int fd, nint address, int length, ulong userData)
    {
        if (!TryNext(out Submission* next))
        {
            return false;
        }

        Fill(next, RingConstants.OpSend, fd, address, length, userData);
        next->OperationFlags = (uint)(MSG_NOSIGNAL | (Has(RingFeatures.WholeSend) ? MSG_WAITALL : 0));
        return true;
    }

    /// <summary>Queues an accept; the completion's result is the new descriptor.</summary>
    /// <param name="fd">A listening socket.</param>
    /// <param name="isMultishot">
    /// One submission brings many connections; needs <see cref="HasMultishotAccept"/>.
    /// </param>
    /// <param name="userData">Comes back with the completion.</param>
    public bool TryQueueAccept(int fd, bool isMultishot, ulong userData)
    {
        if (!TryNext(out Submission* next))
        {
            return false;
        }

        Fill(next, RingConstants.OpAccept, fd, 0, 0, userData);
        next->OperationFlags = (uint)SOCK_CLOEXEC;
        next->IoPriority = isMultishot ? RingConstants.AcceptMultishot : (ushort)0;
        return true;
    }

    /// <summary>Queues a connect.</summary>
    /// <param name="fd">A socket.</param>
    /// <param name="address">Address of a <c>struct sockaddr</c>.</param>
    /// <param name="length">Its length.</param>
    /// <param name="userData">Comes back with the completion.</param>
    public bool TryQueueConnect(int fd, nint address, int length, ulong userData)
    {
        if (!TryNext(out Submission* next))
        {
            return false;
        }

        Fill(next, RingConstants.OpConnect, fd, address, 0, userData);
        next->Offset = (ulong)length; // addr2 carries the length
        return true;
    }

    /// <summary>Queues a wait for a descriptor to become readable.</summary>
    public bool TryQueuePollIn(int fd, ulong userData)
    {
        if (!TryNext(out Submission* next))
        {
            return false;
        }

        Fill(next, RingConstants.OpPollAdd, fd, 0, 0, userData);
        next->OperationFlags = (uint)POLLIN;
        return true;
    }

    /// <summary>Queues the cancellation of the submission that carries <paramref name="target"/>.</summary>
    public bool TryQueueCancel(ulong target, ulong userData)
    {
        if (!TryNext(out Submission* next))
        {
            return false;
        }

        Fill(next, RingConstants.OpAsyncCancel, -1, (nint)target, 0, userData);
        return true;
    }

    /// <summary>Queues a timeout for kernels whose <see cref="Enter"/> has none.</summary>
    /// <param name="timespec">
    /// Address of two 64-bit numbers, seconds and nanoseconds; read when it is submitted.
    /// </param>
    /// <param name="userData">Comes back with the completion.</param>
    public bool TryQueueTimeout(nint timespec, ulong userData)
    {
        if (!TryNext(out Submission* next))
        {
            return false;
        }

        Fill(next, RingConstants.OpTimeout, -1, timespec, 1, userData);
        return true;
    }

    /// <summary>Hands the queued submissions to the kernel and waits for completions.</summary>
    /// <param name="waitFor">Completions to wait for; 0: none, but run what is due.</param>
    /// <param name="timeoutNanoseconds">
    /// Longest wait; negative: no limit. Needs <see cref="CanWaitWithTimeout"/>.
    /// </param>
    /// <exception cref="NativeException">The ring is broken, or the caller not its thread.</exception>
    public void Enter(int waitFor, long timeoutNanoseconds)
    {
        Volatile.Write(ref *_submissionTail, _tail);
        (long seconds, long nanoseconds) = Math.DivRem(timeoutNanoseconds, 1_000_000_000);
        KernelTimespec time = new() { Seconds = seconds, Nanoseconds = nanoseconds };
        WaitArgument argument = new() { Timeout = (ulong)&time };
        bool hasTimeout = waitFor > 0 && timeoutNanoseconds >= 0 && CanWaitWithTimeout;
        uint flags = RingConstants.EnterGetEvents | (hasTimeout ? RingConstants.EnterExtArg : 0);
        SystemCalls++;
        nint taken = SystemCall.Invoke(
            SystemCall.IoUringEnter,
            _fd,
            (nint)_unsubmitted,
            waitFor,
            (nint)flags,
            hasTimeout ? (nint)(&argument) : 0,
            hasTimeout ? sizeof(WaitArgument) : 0);
        // EINTR: a signal. ETIME: the time is up. EBUSY, EAGAIN: completions must be reaped, or memory freed, first.
        if (taken < 0 && Errno.Last is not (Errno.EINTR or Errno.ETIME or Errno.EBUSY or Errno.EAGAIN))
        {
            throw new NativeException("io_uring_enter failed: is the loop used by another thread?", Errno.Last);
        }

        // What the kernel took is what its head has passed, also when the wait ended by a signal.
        _unsubmitted = unchecked(_tail - Volatile.Read(ref *_submissionHead));
    }

    /// <summary>Takes the oldest completion.</summary>
    /// <returns>False if there is none.</returns>
    public bool TryReap(out ulong userData, out int result, out bool hasMore)
    {
        uint head = *_completionHead;
        if (head == Volatile.Read(ref *_completionTail))
        {
            userData = 0;
            result = 0;
            hasMore = false;
            return false;
        }

        Completion* completion = _completions + (head & _completionMask);
        userData = completion->UserData;
        result = completion->Result;
        hasMore = (completion->Flags & RingConstants.CompletionMore) != 0;
        Volatile.Write(ref *_completionHead, unchecked(head + 1));
        return true;
    }

    /// <summary>
    /// Whether completions wait in the kernel because the queue was full; <see cref="Enter"/> brings them.
    /// </summary>
    public bool HasOverflow => (Volatile.Read(ref *_submissionFlags) & RingConstants.SubmissionRingCqOverflow) != 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_fd < 0)
        {
            return;
        }

        _ = munmap(_submissions, (size_t)_submissionsBytes);
        _ = munmap(_rings, (size_t)_ringsBytes);
        _ = close(_fd);
        _fd = -1;
    }

    private static byte* Map(int fd, nuint bytes, long offset)
    {
        void* address = mmap(null, (size_t)bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, offset);
        return (nint)address == -1
            ? throw new NativeException(
                "io_uring's queues can't be mapped: raise RLIMIT_MEMLOCK, or use --io epoll", Errno.Last)
            : (byte*)address;
    }

    private static void Fill(Submission* submission, byte opcode, int fd, nint address, int length, ulong userData)
    {
        submission->Opcode = opcode;
        submission->Descriptor = fd;
        submission->Address = (ulong)address;
        submission->Length = (uint)length;
        submission->UserData = userData;
    }

    private bool Has(RingFeatures feature) => (_has & feature) != RingFeatures.None;

    private bool TryNext(out Submission* next)
    {
        if (unchecked(_tail - Volatile.Read(ref *_submissionHead)) >= _parameters.SubmissionEntries)
        {
            next = null;
            return false;
        }

        next = _submissions + (_tail & _submissionMask);
        Unsafe.InitBlock(next, 0, (uint)sizeof(Submission));
        _tail = unchecked(_tail + 1);
        _unsubmitted++;
        Debug.Assert(_unsubmitted <= _parameters.SubmissionEntries);
        return true;
    }
}

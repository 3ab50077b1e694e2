using System;

namespace EdgeMesh.Native.IoUring;

/// <summary>What kernels added to io_uring since Linux 5.10, as far as it is used here.</summary>
[Flags]
public enum RingFeatures
{
    /// <summary>A ring as Linux 5.10 has it.</summary>
    None = 0,

    /// <summary>The wait takes a time (EXT_ARG, Linux 5.11).</summary>
    TimedWait = 1,

    /// <summary>No interrupts for completions, and submissions go on after a failed one (COOP_TASKRUN, SUBMIT_ALL,
    /// Linux 5.18 and 5.19).</summary>
    CoopTaskrun = 2,

    /// <summary>One accept brings many connections (Linux 5.19).</summary>
    MultishotAccept = 4,

    /// <summary>A send ends when all is taken (MSG_WAITALL, Linux 5.19).</summary>
    WholeSend = 8,

    /// <summary>Completions are made when they are asked for (SINGLE_ISSUER, DEFER_TASKRUN, Linux 6.1).</summary>
    DeferTaskrun = 16,

    /// <summary>TUN devices know RWF_NOWAIT (Linux 6.4). Others are read and written by a thread of the kernel's, one
    /// packet at a time and in any order: not to be used.</summary>
    TunNoWait = 32,

    /// <summary>No index array (NO_SQARRAY, Linux 6.6).</summary>
    NoSubmissionArray = 64,

    /// <summary>Whatever this kernel has.</summary>
    All = TimedWait | CoopTaskrun | MultishotAccept | WholeSend | DeferTaskrun | TunNoWait | NoSubmissionArray,
}

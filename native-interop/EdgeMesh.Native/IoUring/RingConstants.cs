namespace EdgeMesh.Native.IoUring;

/// <summary>Numbers of linux/io_uring.h.</summary>
internal static class RingConstants
{
    public const uint SetupClamp = 1u << 4;
    public const uint SetupSubmitAll = 1u << 7;
    public const uint SetupCoopTaskrun = 1u << 8;
    public const uint SetupSingleIssuer = 1u << 12;
    public const uint SetupDeferTaskrun = 1u << 13;
    public const uint SetupNoSubmissionArray = 1u << 16;

    public const uint FeatureSingleMmap = 1u << 0;
    public const uint FeatureNoDrop = 1u << 1;
    public const uint FeatureExtArg = 1u << 8;

    public const uint EnterGetEvents = 1u << 0;
    public const uint EnterExtArg = 1u << 3;

    public const long OffsetSubmissionRing = 0;
    public const long OffsetCompletionRing = 0x8000000;
    public const long OffsetSubmissions = 0x10000000;

    public const uint RegisterProbe = 8;
    public const ushort ProbeSupported = 1;

    public const byte OpWritev = 2;
    public const byte OpPollAdd = 6;
    public const byte OpTimeout = 11;
    public const byte OpAccept = 13;
    public const byte OpAsyncCancel = 14;
    public const byte OpConnect = 16;
    public const byte OpRead = 22;
    public const byte OpWrite = 23;
    public const byte OpSend = 26;
    public const byte OpRecv = 27;

    /// <summary>
    /// Came with Linux 5.19, as did accepts that go on by themselves; those have no opcode of their own.
    /// </summary>
    public const byte OpSocket = 45;

    public const ushort AcceptMultishot = 1;
    public const uint CompletionMore = 1u << 1;
    public const uint SubmissionRingCqOverflow = 1u << 1;

    /// <summary>RWF_NOWAIT of linux/fs.h.</summary>
    public const uint NoWait = 8;

    /// <summary>Offset that means "the file's own position": what streams and devices want.</summary>
    public const ulong NoOffset = ulong.MaxValue;
}

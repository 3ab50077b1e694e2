using System;
using System.Collections.Generic;
using EdgeMesh.Native.Tun;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace EdgeMesh.Native.IoUring;

/// <summary>Opens rings: tries what newer kernels have first, and finds out what this one has.</summary>
internal static unsafe class RingSetup
{
    private static readonly byte[] NeededOperations =
    [
        RingConstants.OpWritev, RingConstants.OpPollAdd, RingConstants.OpAccept, RingConstants.OpAsyncCancel,
        RingConstants.OpConnect, RingConstants.OpRead, RingConstants.OpWrite, RingConstants.OpSend,
        RingConstants.OpRecv,
    ];

    /// <summary>As <see cref="Ring.Open"/>.</summary>
    public static Ring Open(int entries, RingFeatures allowed)
    {
        const uint SubmitAll = RingConstants.SetupClamp | RingConstants.SetupSubmitAll;
        const uint OneThread = SubmitAll | RingConstants.SetupSingleIssuer | RingConstants.SetupDeferTaskrun;
        ReadOnlySpan<(uint Flags, RingFeatures Needs)> attempts =
        [
            (OneThread | RingConstants.SetupNoSubmissionArray,
                RingFeatures.DeferTaskrun | RingFeatures.NoSubmissionArray), // Linux 6.6
            (OneThread, RingFeatures.DeferTaskrun), // Linux 6.1
            (SubmitAll | RingConstants.SetupCoopTaskrun, RingFeatures.CoopTaskrun), // Linux 5.19
            (RingConstants.SetupClamp, RingFeatures.None), // Linux 5.10
        ];
        int errno = 0;
        foreach ((uint flags, RingFeatures needs) in attempts)
        {
            if ((needs & ~allowed) != RingFeatures.None)
            {
                continue;
            }

            RingParameters parameters = new() { Flags = flags };
            int fd = io_uring_setup((uint)entries, (io_uring_params*)&parameters);
            if (fd >= 0)
            {
                return Finish(fd, parameters, flags, allowed);
            }

            errno = Errno.Last;
            if (errno != Errno.EINVAL)
            {
                break;
            }
        }

        throw new NativeException(Explain(errno), errno);
    }

    private static Ring Finish(int fd, RingParameters parameters, uint flags, RingFeatures allowed)
    {
        try
        {
            ulong operations = ProbeOperations(fd);
            if ((parameters.Features & RingConstants.FeatureSingleMmap) == 0
                || Array.Exists(NeededOperations, needed => (operations & (1UL << needed)) == 0))
            {
                throw new NativeException("io_uring of this kernel is too old: it takes Linux 5.10", Errno.ENOSYS);
            }

            // What has no flag of its own came with an operation that has.
            bool isLinux519 = (operations & (1UL << RingConstants.OpSocket)) != 0;
            RingFeatures has = allowed & (
                ((parameters.Features & RingConstants.FeatureExtArg) != 0 ? RingFeatures.TimedWait : RingFeatures.None)
                | (isLinux519 ? RingFeatures.MultishotAccept | RingFeatures.WholeSend : RingFeatures.None)
                | (TunControl.HasNoWait() ? RingFeatures.TunNoWait : RingFeatures.None));
            List<string> features = [];
            AddIf(features, flags, RingConstants.SetupSingleIssuer, "single_issuer");
            AddIf(features, flags, RingConstants.SetupDeferTaskrun, "defer_taskrun");
            AddIf(features, flags, RingConstants.SetupCoopTaskrun, "coop_taskrun");
            AddIf(features, flags, RingConstants.SetupNoSubmissionArray, "no_sqarray");
            AddIf(features, flags, RingConstants.SetupSubmitAll, "submit_all");
            AddIf(features, (uint)has, (uint)RingFeatures.TimedWait, "ext_arg");
            AddIf(features, (uint)has, (uint)RingFeatures.MultishotAccept, "multishot_accept");
            AddIf(features, (uint)has, (uint)RingFeatures.TunNoWait, "tun_nowait");
            return new Ring(fd, parameters, has, features);
        }
        catch
        {
            _ = close(fd);
            throw;
        }
    }

    private static void AddIf(List<string> names, uint flags, uint flag, string name)
    {
        if ((flags & flag) != 0)
        {
            names.Add(name);
        }
    }

    /// <summary>The operations that the kernel has, one bit each.</summary>
    private static ulong ProbeOperations(int fd)
    {
        const int HeaderBytes = 16; // struct io_uring_probe without its operations
        const int Operations = 64;
        byte* probe = stackalloc byte[HeaderBytes + (Operations * sizeof(ProbeOperation))];
        new Span<byte>(probe, HeaderBytes + (Operations * sizeof(ProbeOperation))).Clear();
        if (io_uring_register(fd, RingConstants.RegisterProbe, probe, Operations) < 0)
        {
            return 0;
        }

        ulong supported = 0;
        ProbeOperation* operations = (ProbeOperation*)(probe + HeaderBytes);
        for (int i = 0; i < Operations; i++)
        {
            supported |= (operations[i].Flags & RingConstants.ProbeSupported) != 0 ? 1UL << i : 0;
        }

        return supported;
    }

    private static string Explain(int errno) => errno switch
    {
        Errno.EPERM =>
            "io_uring is forbidden: see sysctl kernel.io_uring_disabled and the seccomp profile, or use --io epoll",
        Errno.EACCES => "io_uring is forbidden by a security module: allow it, or use --io epoll",
        Errno.ENOMEM => "io_uring got no locked memory: raise RLIMIT_MEMLOCK, or use --io epoll",
        Errno.ENOSYS => "io_uring is missing: this kernel has none; use --io epoll",
        Errno.EMFILE or Errno.ENFILE =>
            "io_uring got no descriptor: raise the limit of open files (ulimit -n)",
        _ => "io_uring_setup failed: use --io epoll",
    };
}

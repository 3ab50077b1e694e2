using System;

namespace EdgeMesh.Native.Netlink;

/// <summary>The kernel refused a request; the message names cause and remedy, with the kernel's own words if it gave any.</summary>
public sealed class NetlinkException : Exception
{
    internal const int EPERM = 1;
    internal const int ESRCH = 3;
    internal const int EINTR = 4;
    internal const int EAGAIN = 11;
    internal const int EACCES = 13;
    internal const int EBUSY = 16;
    internal const int EEXIST = 17;
    internal const int ENODEV = 19;
    internal const int EINVAL = 22;
    internal const int EOPNOTSUPP = 95;
    internal const int EAFNOSUPPORT = 97;
    internal const int ENETDOWN = 100;
    internal const int ENETUNREACH = 101;
    internal const int ENOBUFS = 105;
    internal const int EPROTO = 71;

    internal NetlinkException(string operation, int error, string kernelText = "")
        : base(Sentence(operation, error, kernelText)) => Error = error;

    /// <summary>The errno.</summary>
    public int Error { get; }

    /// <summary>Did the kernel say that the object is there already?</summary>
    public bool IsExisting => Error == EEXIST;

    /// <summary>Did the kernel say that the object is not there?</summary>
    public bool IsMissing => Error is ESRCH or ENODEV;

    private static string Sentence(string operation, int error, string kernelText)
    {
        string cause = error switch
        {
            EPERM => "not allowed: run as root or with CAP_NET_ADMIN in this network namespace",
            ESRCH => "there is no such route",
            EACCES => "the kernel forbids it; for IPv6: see sysctl net.ipv6.conf.*.disable_ipv6",
            EBUSY => "busy: somebody else changes it now, try again",
            EEXIST => "it exists already, made by somebody else: remove the other one, or leave this one out",
            ENODEV => "there is no such link: is the data plane running?",
            EINVAL => "the kernel does not take these values",
            EOPNOTSUPP => "this kernel can't do it; for IPv6: see sysctl net.ipv6.conf.*.disable_ipv6",
            EAFNOSUPPORT => "this kernel has no such address family: see whether IPv6 is built in and on",
            ENETDOWN => "the link is down: set it up",
            ENETUNREACH => "the next hop can't be reached: is the link up?",
            ENOBUFS => "the kernel's answers were more than the socket could hold: try again",
            EPROTO => "the kernel's answer makes no sense",
            _ => $"errno {error}",
        };
        return kernelText.Length == 0
            ? $"{operation} failed: {cause}"
            : $"{operation} failed: {cause} (kernel: {kernelText})";
    }
}

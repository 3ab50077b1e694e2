using System;

namespace EdgeMesh.Native.Netlink;

/// <summary>
/// The kernel refused a request; the message names cause and remedy, with the kernel's own words if it gave any.
/// </summary>
public sealed class NetlinkException : Exception
{
    internal NetlinkException(string operation, int error, string kernelText = "")
        : base(Sentence(operation, error, kernelText)) => Error = error;

    /// <summary>The errno.</summary>
    public int Error { get; }

    /// <summary>Did the kernel say that the object is there already?</summary>
    public bool IsExisting => Error == Errno.EEXIST;

    /// <summary>Did the kernel say that the object is not there?</summary>
    public bool IsMissing => Error is Errno.ESRCH or Errno.ENODEV;

    private static string Sentence(string operation, int error, string kernelText)
    {
        string cause = error switch
        {
            Errno.EPERM => "not allowed: run as root or with CAP_NET_ADMIN in this network namespace",
            Errno.ESRCH => "there is no such route",
            Errno.EACCES => "the kernel forbids it; for IPv6: see sysctl net.ipv6.conf.*.disable_ipv6",
            Errno.EBUSY => "busy: somebody else changes it now, try again",
            Errno.EEXIST => "it exists already, made by somebody else: remove the other one, or leave this one out",
            Errno.ENODEV => "there is no such link: is the data plane running?",
            Errno.EINVAL => "the kernel does not take these values",
            Errno.EOPNOTSUPP => "this kernel can't do it; for IPv6: see sysctl net.ipv6.conf.*.disable_ipv6",
            Errno.EAFNOSUPPORT => "this kernel has no such address family: see whether IPv6 is built in and on",
            Errno.ENETDOWN => "the link is down: set it up",
            Errno.ENETUNREACH => "the next hop can't be reached: is the link up?",
            Errno.ENOBUFS => "the kernel's answers were more than the socket could hold: try again",
            Errno.EPROTO => "the kernel's answer makes no sense",
            _ => $"errno {error}",
        };
        return kernelText.Length == 0
            ? $"{operation} failed: {cause}"
            : $"{operation} failed: {cause} (kernel: {kernelText})";
    }
}

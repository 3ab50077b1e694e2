using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Io.Loops;
using EdgeMesh.Native;
using EdgeMesh.Native.Netlink;
using EdgeMesh.Native.Sockets;
using EdgeMesh.Native.Tun;
using EdgeMesh.Packets;
using EdgeMesh.Underlay;

namespace EdgeMesh.Io.Tun;

/// <summary>A persistent, multi-queue TUN link: it outlives the process, and so do the routes through it.</summary>
public sealed class TunDevice : IDisposable
{
    /// <summary>
    /// Packets that the kernel keeps for us in each queue: what comes in while the worker is busy with one batch. It
    /// has to hold several bursts of a pod whose link makes packets of 192 KiB, which the kernel cuts into 135 each, as
    /// they are longer than a TUN takes. Under a flood that we can't read away it stands, for about 20 ms (decision
    /// 0017).
    /// </summary>
    public const int KernelQueuePackets = 2048;

    /// <summary>What the link's alias says: whose it is, so that cleanup removes ours and no other.</summary>
    public const string Alias = "edgemesh-dataplane";

    private static readonly TimeSpan FreeInterval = TimeSpan.FromMilliseconds(5);

    private readonly Queue<int> _unopened;
    private readonly KernelDrops _kernelDrops;

    private TunDevice(
        TunOptions options,
        Queue<int> descriptors,
        bool hasVnetHeader,
        IReadOnlyList<string> offloads,
        KernelDrops kernelDrops)
    {
        _kernelDrops = kernelDrops;
        Options = options;
        _unopened = descriptors;
        HasVnetHeader = hasVnetHeader;
        Offloads = offloads;
    }

    /// <summary>What it was opened with.</summary>
    public TunOptions Options { get; }

    /// <summary>Whether packets may come unfinished: longer than the MTU, or with a partial checksum.</summary>
    public bool HasOffload => Offloads.Count > 0;

    /// <summary>Which offloads are in use: of <c>csum</c>, <c>tso4</c>, <c>tso6</c>, <c>uso</c>.</summary>
    public IReadOnlyList<string> Offloads { get; }

    internal bool HasVnetHeader { get; }

    private DeviceOffloads OffloadFlags =>
        (Offloads.Contains("csum") ? DeviceOffloads.Checksum : DeviceOffloads.None)
        | (Offloads.Contains("tso4") ? DeviceOffloads.Tcp : DeviceOffloads.None)
        | (Offloads.Contains("uso") ? DeviceOffloads.Udp : DeviceOffloads.None);

    /// <summary>Makes or takes over the link, opens its queues, sets MTU and alias, and brings it up.</summary>
    /// <exception cref="TunException">It can't be had.</exception>
    public static TunDevice Open(TunOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Validate(options);
        using RouteSocket kernel = OpenKernel(options.Name);
        LinkInfo? before = Find(kernel, options.Name);
        if (before is { TunQueues: > 0 })
        {
            throw Explain(options.Name, Errno.EBUSY);
        }

        Queue<int> descriptors = new();
        try
        {
            string[] offloads = [];
            for (int i = 0; i < options.Queues; i++)
            {
                int fd = OpenQueue(options);
                descriptors.Enqueue(fd);
                offloads = ChooseOffloads(options, fd);
            }

            // Two that start at once may both have seen a free link.
            LinkInfo link = Find(kernel, options.Name) ?? throw Explain(options.Name, Errno.EBADFD);
            int errno = link.TunQueues > options.Queues
                ? Errno.EBUSY
                : TunControl.SetPersistent(descriptors.Peek(), true);
            if (errno == 0 && before is null)
            {
                Silence(kernel, link, options.MtuBytes);
            }

            errno = errno != 0 ? errno : TunControl.Configure(options.Name, options.MtuBytes, KernelQueuePackets);
            if (errno != 0)
            {
                throw Explain(options.Name, errno);
            }

            SetAlias(kernel, link);
            KernelDrops drops = new(OpenKernel(options.Name), link);
            return new TunDevice(options, descriptors, options.Offload, offloads, drops);
        }
        catch
        {
            foreach (int fd in descriptors)
            {
                TcpSocket.Close(fd);
            }

            throw;
        }
    }

    /// <summary>
    /// Waits until no process has the link, or the time is up: a killed process's ring gives its queue back only after
    /// the process is gone.
    /// </summary>
    /// <exception cref="TunException">The kernel does not tell.</exception>
    public static async Task WaitUntilFreeAsync(string name, TimeSpan timeMax, CancellationToken cancellationToken)
    {
        using RouteSocket kernel = OpenKernel(name);
        long start = Stopwatch.GetTimestamp();
        while (Find(kernel, name) is { TunQueues: > 0 } && Stopwatch.GetElapsedTime(start) < timeMax)
        {
            await Task.Delay(FreeInterval, cancellationToken);
        }
    }

    /// <summary>
    /// Packets that the kernel dropped before we saw them, since the link was opened: a queue of <see
    /// cref="KernelQueuePackets"/> was full. One system call or two; safe from every thread. Never falls.
    /// </summary>
    public long ReadKernelDrops() => _kernelDrops.Read();

    /// <summary>Whether the link is up now. Safe from every thread.</summary>
    /// <returns>False also if it is gone, or the kernel does not tell.</returns>
    public bool IsUp() => _kernelDrops.IsLinkUp();

    /// <summary>Gives one queue to a loop; on the loop's thread.</summary>
    /// <param name="loop">Waits for it.</param>
    /// <param name="pool">Where its packets come from.</param>
    /// <exception cref="InvalidOperationException">More queues are asked for than were opened.</exception>
    public TunQueue OpenQueue(EventLoop loop, PacketPool pool)
    {
        lock (_unopened)
        {
            return _unopened.TryDequeue(out int fd)
                ? new TunQueue(Options.Name, loop, pool, fd, HasVnetHeader, OffloadFlags)
                : throw new InvalidOperationException("every queue of the device has its loop");
        }
    }

    /// <summary>Closes the queues that no loop took; the link stays.</summary>
    public void Dispose()
    {
        _kernelDrops.Dispose();
        lock (_unopened)
        {
            while (_unopened.TryDequeue(out int fd))
            {
                TcpSocket.Close(fd);
            }
        }
    }

    /// <summary>Cause and remedy of an error number.</summary>
    internal static TunException Explain(string name, int errno) => new(
        errno switch
        {
            Errno.ENOENT or Errno.ENODEV =>
                "/dev/net/tun is missing: load the kernel's tun module (modprobe tun), "
                + "or mount the device into the container",
            Errno.EPERM => $"the TUN link {name} is forbidden: the process takes CAP_NET_ADMIN",
            Errno.EACCES => "/dev/net/tun can't be opened: give the process read and write access to it",
            Errno.EBUSY =>
                $"the TUN link {name} is in use: stop the process that has it, or choose another name by --tun",
            Errno.EEXIST or Errno.EINVAL =>
                $"a link {name} exists that is no multi-queue TUN link: choose another name by --tun",
            Errno.E2BIG => $"the TUN link {name} has all its queues in use: ask for fewer workers (--workers)",
            Errno.EMFILE or Errno.ENFILE => "out of descriptors: raise the limit of open files (ulimit -n)",
            _ => $"the TUN link {name} can't be set up: {Errno.Describe(errno)} ({Errno.NameOf(errno)})",
        },
        errno);

    private static void Validate(TunOptions options)
    {
        string name = options.Name;
        if (name.Length is 0 or > TunControl.NameLengthMax)
        {
            throw new TunException(
                $"--tun {name}: a link's name has 1 to {TunControl.NameLengthMax} characters; choose another one");
        }

        // The kernel's dev_valid_name, and '%', which would ask it to choose a number.
        foreach (char character in name)
        {
            if (character is <= ' ' or > '~' or '/' or ':' or '%')
            {
                throw new TunException(
                    $"--tun {name}: a link's name has no blank, '/', ':' or '%'; choose another one");
            }
        }

        if (name is "." or ".." or "all" or "default")
        {
            throw new TunException($"--tun {name}: the kernel uses that name itself; choose another one");
        }

        if (options.MtuBytes is < Limits.MtuBytesMin or > Limits.MtuBytesMax)
        {
            throw new TunException(
                $"--mtu {options.MtuBytes}: choose one from {Limits.MtuBytesMin} to {Limits.MtuBytesMax}");
        }

        if (options.Queues < 1)
        {
            throw new TunException($"--workers {options.Queues}: it takes at least one");
        }
    }

    private static int OpenQueue(TunOptions options)
    {
        int errno = TunControl.OpenDevice(out int fd);
        if (errno != 0)
        {
            throw Explain(options.Name, errno);
        }

        errno = TunControl.Attach(fd, options.Name, options.Offload);
        if (errno == 0 && options.Offload)
        {
            errno = TunControl.SetVnetHeaderBytes(fd, Limits.OffloadHeaderBytes);
        }

        if (errno != 0)
        {
            TcpSocket.Close(fd);
            throw Explain(options.Name, errno);
        }

        return fd;
    }

    private static string[] ChooseOffloads(TunOptions options, int fd)
    {
        if (options.Offload && TunControl.SetOffload(fd, segmentation: true, udp: true) == 0)
        {
            return ["csum", "tso4", "tso6", "uso"];
        }

        if (options.Offload && TunControl.SetOffload(fd, segmentation: true, udp: false) == 0)
        {
            return ["csum", "tso4", "tso6"];
        }

        // An earlier process may have set them on the link.
        _ = TunControl.SetOffload(fd, segmentation: false, udp: false);
        return [];
    }

    private static RouteSocket OpenKernel(string name)
    {
        try
        {
            return RouteSocket.Open();
        }
        catch (NetlinkException exception)
        {
            throw new TunException($"the TUN link {name} can't be looked up: {exception.Message}", exception.Error);
        }
    }

    private static LinkInfo? Find(RouteSocket kernel, string name)
    {
        try
        {
            return kernel.FindLink(name);
        }
        catch (NetlinkException exception)
        {
            throw new TunException($"the TUN link {name} can't be looked up: {exception.Message}", exception.Error);
        }
    }

    private static void Silence(RouteSocket kernel, LinkInfo link, int mtuBytes)
    {
        try
        {
            kernel.Silence(link.Index, mtuBytes);
        }
        catch (NetlinkException exception) when (exception.Error is Errno.EAFNOSUPPORT or Errno.EOPNOTSUPP)
        {
            // A kernel without IPv6 has nothing to say.
        }
        catch (NetlinkException exception)
        {
            throw new TunException(
                $"the TUN link {link.Name} can't be kept from speaking IPv6 by itself: {exception.Message}",
                exception.Error);
        }
    }

    private static void SetAlias(RouteSocket kernel, LinkInfo link)
    {
        try
        {
            kernel.SetLink(link.Index, alias: Alias);
        }
        catch (NetlinkException exception)
        {
            throw new TunException($"the TUN link {link.Name} gets no alias: {exception.Message}", exception.Error);
        }
    }
}

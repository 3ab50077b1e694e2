using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using EdgeMesh.Native;
using EdgeMesh.Native.IoUring;
using EdgeMesh.Native.Netlink;
using EdgeMesh.Native.Sockets;
using EdgeMesh.Native.Tun;
using EdgeMesh.Packets.Headers;
using Xunit;

namespace EdgeMesh.UnitTests.Native;

/// <summary>The structs and numbers of EdgeMesh.Native against the kernel's headers.</summary>
public sealed class AbiTests
{
    private const BindingFlags Fields = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    // C struct, our struct, and pairs of C field and ours.
    private static readonly (string Name, Type Ours, string Fields)[] Structs =
    [
        ("io_uring_sqe", typeof(Submission),
            "opcode:Opcode flags:Flags ioprio:IoPriority fd:Descriptor off:Offset addr:Address len:Length " +
            "rw_flags:OperationFlags user_data:UserData"),
        ("io_uring_cqe", typeof(Completion),
            "user_data:UserData res:Result flags:Flags"),
        ("io_sqring_offsets", typeof(SubmissionRingOffsets),
            "head:Head tail:Tail ring_mask:RingMask ring_entries:RingEntries flags:Flags dropped:Dropped " +
            "array:Array"),
        ("io_cqring_offsets", typeof(CompletionRingOffsets),
            "head:Head tail:Tail ring_mask:RingMask ring_entries:RingEntries overflow:Overflow cqes:Completions " +
            "flags:Flags"),
        ("io_uring_params", typeof(RingParameters),
            "sq_entries:SubmissionEntries cq_entries:CompletionEntries flags:Flags features:Features " +
            "sq_off:SubmissionRing cq_off:CompletionRing"),
        ("io_uring_getevents_arg", typeof(WaitArgument),
            "sigmask:SignalMask sigmask_sz:SignalMaskBytes ts:Timeout"),
        ("io_uring_probe_op", typeof(ProbeOperation),
            "op:Opcode flags:Flags"),
        ("__kernel_timespec", typeof(KernelTimespec),
            "tv_sec:Seconds tv_nsec:Nanoseconds"),
        ("iovec", typeof(IoVector),
            "iov_base:Address iov_len:Length"),
        ("ifreq", typeof(InterfaceRequest),
            "ifr_name:Name ifr_flags:Flags ifr_mtu:Value"),
        ("nlmsghdr", typeof(NetlinkHeader),
            "nlmsg_len:Length nlmsg_type:Type nlmsg_flags:Flags nlmsg_seq:Sequence nlmsg_pid:PortId"),
        ("nlattr", typeof(AttributeHeader),
            "nla_len:Length nla_type:Type"),
        ("ifinfomsg", typeof(LinkHeader),
            "ifi_family:Family ifi_type:Type ifi_index:Index ifi_flags:Flags ifi_change:Change"),
        ("ifaddrmsg", typeof(AddressHeader),
            "ifa_family:Family ifa_prefixlen:PrefixLength ifa_flags:Flags ifa_scope:Scope ifa_index:Index"),
        ("rtmsg", typeof(RouteHeader),
            "rtm_family:Family rtm_dst_len:DestinationLength rtm_src_len:SourceLength rtm_tos:TypeOfService " +
            "rtm_table:Table rtm_protocol:Protocol rtm_scope:Scope rtm_type:Type rtm_flags:Flags"),
    ];

    // Constants that are ours under another name. Errno has the C names.
    private static readonly Dictionary<string, long> Constants = new(StringComparer.Ordinal)
    {
        ["__NR_io_uring_enter"] = SystemCall.IoUringEnter,
        ["IORING_SETUP_CLAMP"] = RingConstants.SetupClamp,
        ["IORING_SETUP_SUBMIT_ALL"] = RingConstants.SetupSubmitAll,
        ["IORING_SETUP_COOP_TASKRUN"] = RingConstants.SetupCoopTaskrun,
        ["IORING_SETUP_SINGLE_ISSUER"] = RingConstants.SetupSingleIssuer,
        ["IORING_SETUP_DEFER_TASKRUN"] = RingConstants.SetupDeferTaskrun,
        ["IORING_SETUP_NO_SQARRAY"] = RingConstants.SetupNoSubmissionArray,
        ["IORING_FEAT_SINGLE_MMAP"] = RingConstants.FeatureSingleMmap,
        ["IORING_FEAT_NODROP"] = RingConstants.FeatureNoDrop,
        ["IORING_FEAT_EXT_ARG"] = RingConstants.FeatureExtArg,
        ["IORING_ENTER_GETEVENTS"] = RingConstants.EnterGetEvents,
        ["IORING_ENTER_EXT_ARG"] = RingConstants.EnterExtArg,
        ["IORING_OFF_SQ_RING"] = RingConstants.OffsetSubmissionRing,
        ["IORING_OFF_CQ_RING"] = RingConstants.OffsetCompletionRing,
        ["IORING_OFF_SQES"] = RingConstants.OffsetSubmissions,
        ["IORING_REGISTER_PROBE"] = RingConstants.RegisterProbe,
        ["IO_URING_OP_SUPPORTED"] = RingConstants.ProbeSupported,
        ["IORING_OP_WRITEV"] = RingConstants.OpWritev,
        ["IORING_OP_POLL_ADD"] = RingConstants.OpPollAdd,
        ["IORING_OP_TIMEOUT"] = RingConstants.OpTimeout,
        ["IORING_OP_ACCEPT"] = RingConstants.OpAccept,
        ["IORING_OP_ASYNC_CANCEL"] = RingConstants.OpAsyncCancel,
        ["IORING_OP_CONNECT"] = RingConstants.OpConnect,
        ["IORING_OP_READ"] = RingConstants.OpRead,
        ["IORING_OP_WRITE"] = RingConstants.OpWrite,
        ["IORING_OP_SEND"] = RingConstants.OpSend,
        ["IORING_OP_RECV"] = RingConstants.OpRecv,
        ["IORING_OP_SOCKET"] = RingConstants.OpSocket,
        ["IORING_ACCEPT_MULTISHOT"] = RingConstants.AcceptMultishot,
        ["IORING_CQE_F_MORE"] = RingConstants.CompletionMore,
        ["IORING_SQ_CQ_OVERFLOW"] = RingConstants.SubmissionRingCqOverflow,
        ["RWF_NOWAIT"] = RingConstants.NoWait,
        ["VIRTIO_NET_HDR_F_NEEDS_CSUM"] = OffloadHeader.NeedsChecksumFlag,
        ["TUNSETIFF"] = TunConstants.TunSetIff,
        ["TUNSETPERSIST"] = TunConstants.TunSetPersist,
        ["TUNSETOFFLOAD"] = TunConstants.TunSetOffload,
        ["TUNSETVNETHDRSZ"] = TunConstants.TunSetVnetHeaderSize,
        ["IFF_TUN"] = TunConstants.IffTun,
        ["IFF_NO_PI"] = TunConstants.IffNoPacketInformation,
        ["IFF_MULTI_QUEUE"] = TunConstants.IffMultiQueue,
        ["IFF_VNET_HDR"] = TunConstants.IffVnetHeader,
        ["IFF_UP"] = TunConstants.IffUp,
        ["IFNAMSIZ"] = TunConstants.NameBytes,
        ["TUN_F_CSUM"] = TunConstants.OffloadChecksum,
        ["TUN_F_TSO4"] = TunConstants.OffloadTso4,
        ["TUN_F_TSO6"] = TunConstants.OffloadTso6,
        ["TUN_F_USO4"] = TunConstants.OffloadUso4,
        ["TUN_F_USO6"] = TunConstants.OffloadUso6,
        ["SIOCGIFFLAGS"] = TunConstants.SiocGetFlags,
        ["SIOCSIFFLAGS"] = TunConstants.SiocSetFlags,
        ["SIOCSIFMTU"] = TunConstants.SiocSetMtu,
        ["SIOCSIFTXQLEN"] = TunConstants.SiocSetTransmitQueueLength,
        ["AF_INET"] = SocketAddress.Ipv4Family,
        ["AF_INET6"] = SocketAddress.Ipv6Family,
        ["TCP_KEEPIDLE"] = TcpSocket.TcpKeepIdle,
        ["TCP_KEEPINTVL"] = TcpSocket.TcpKeepInterval,
        ["TCP_KEEPCNT"] = TcpSocket.TcpKeepCount,
        ["TCP_USER_TIMEOUT"] = TcpSocket.TcpUserTimeout,
        ["TCP_NOTSENT_LOWAT"] = TcpSocket.TcpNotSentLowWater,
        ["TCP_INFO"] = TcpSocket.TcpInfo,
        ["TCP_CONGESTION"] = TcpSocket.TcpCongestion,
        ["IFLA_STATS64"] = NetlinkConstants.IFLA_STATS64,
        ["IFLA_AF_SPEC"] = NetlinkConstants.IFLA_AF_SPEC,
        ["IFLA_INFO_DATA"] = NetlinkConstants.IFLA_INFO_DATA,
        ["IFLA_TUN_NUM_QUEUES"] = NetlinkConstants.IFLA_TUN_NUM_QUEUES,
        ["IFLA_TUN_NUM_DISABLED_QUEUES"] = NetlinkConstants.IFLA_TUN_NUM_DISABLED_QUEUES,
        ["IFLA_INET6_ADDR_GEN_MODE"] = NetlinkConstants.IFLA_INET6_ADDR_GEN_MODE,
        ["IN6_ADDR_GEN_MODE_NONE"] = NetlinkConstants.IN6_ADDR_GEN_MODE_NONE,
        ["IFF_MULTICAST"] = NetlinkConstants.IFF_MULTICAST,
        ["CLONE_NEWNET"] = NetworkNamespace.CloneNewNet,
    };

    public static TheoryData<string> Files => ["linux-x64.txt", "linux-arm64.txt"];

    [Theory]
    [MemberData(nameof(Files))]
    public void Structs_are_laid_out_as_the_kernels(string file)
    {
        Dictionary<string, string> kernel = KernelAbi.Read(file);
        foreach ((string name, Type ours, string fields) in Structs)
        {
            Assert.Equal(kernel[$"struct {name}"], $"{SizeOf(ours)}");
            foreach (string pair in fields.Split(' '))
            {
                (string theirs, string field) = (pair[..pair.IndexOf(':')], pair[(pair.IndexOf(':') + 1)..]);
                int offset = (int)Marshal.OffsetOf(ours, field);
                int size = SizeOf(ours.GetField(field, Fields)!.FieldType);
                Assert.Equal($"{name}.{theirs} {kernel[$"field {name}.{theirs}"]}", $"{name}.{theirs} {offset} {size}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Numbers_are_the_kernels(string file)
    {
        Dictionary<string, string> kernel = KernelAbi.Read(file);
        foreach ((string name, long ours) in Constants)
        {
            // Numbers that came with later headers than the file's are checked on the machines that have them.
            if (kernel.TryGetValue($"const {name}", out string? theirs))
            {
                Assert.Equal($"{name} {theirs}", $"{name} {ours}");
            }
        }

        foreach (FieldInfo errno in typeof(Errno).GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            int ours = (int)errno.GetRawConstantValue()!;
            Assert.Equal($"{errno.Name} {kernel[$"const {errno.Name}"]}", $"{errno.Name} {ours}");
            Assert.Equal(errno.Name, Errno.NameOf(ours));
        }

        Assert.Equal(kernel["struct virtio_net_hdr"], $"{OffloadHeader.SizeBytes}");
        Assert.Equal(kernel["field tcp_info.tcpi_last_data_recv"], $"{TcpSocket.TcpInfoLastDataReceived} 4");
        Assert.Equal(kernel["field tcp_info.tcpi_last_ack_recv"], $"{TcpSocket.TcpInfoLastAckReceived} 4");
        Assert.Equal(kernel["field tcp_info.tcpi_min_rtt"], $"{TcpSocket.TcpInfoShortestRoundTrip} 4");
        Assert.Equal(
            kernel["field rtnl_link_stats64.tx_dropped"], $"{RouteMessages.LinkStatsTransmitDropped} {sizeof(long)}");
        Assert.Equal(kernel["struct sockaddr_in"], $"{SocketAddress.Ipv4Bytes}");
        Assert.Equal(kernel["struct sockaddr_in6"], $"{SocketAddress.BytesMax}");
    }

    [Fact]
    public void Committed_layout_is_what_this_machines_headers_say()
    {
        bool isX64 = RuntimeInformation.OSArchitecture == Architecture.X64;
        Assert.SkipUnless(isX64, "this compares with linux-x64.txt");
        string program = Path.Combine(Path.GetTempPath(), $"edgemesh-abi-{Environment.ProcessId}");
        try
        {
            int code = Run("gcc", ["-o", program, Path.Combine(KernelAbi.Folder, "abi.c")], out _);
            Assert.SkipUnless(code == 0, "gcc or the kernel's headers are missing: apt-get install gcc linux-libc-dev");
            Assert.Equal(0, Run(program, [], out string output));
            string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Dictionary<string, string> fresh = KernelAbi.Parse(lines);
            Dictionary<string, string> committed = KernelAbi.Read("linux-x64.txt");
            string[] both = [.. fresh.Keys.Intersect(committed.Keys, StringComparer.Ordinal)];
            Assert.True(both.Length > 150, "abi.c and its committed output have grown apart");
            Assert.All(both, key => Assert.Equal($"{key} {committed[key]}", $"{key} {fresh[key]}"));
            Assert.All(
                Constants.Where(constant => fresh.ContainsKey($"const {constant.Key}")),
                constant => Assert.Equal(fresh[$"const {constant.Key}"], $"{constant.Value}"));
        }
        finally
        {
            File.Delete(program);
        }
    }

    private static int SizeOf(Type type)
    {
        // A fixed buffer is a struct of the compiler's with one element; its size is on its layout.
        return type.StructLayoutAttribute is { Size: > 0 } layout ? layout.Size : Marshal.SizeOf(type);
    }

    private static int Run(string program, string[] arguments, out string output)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            })!;
            output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            output = string.Empty;
            return -1; // there is no such program
        }
    }
}

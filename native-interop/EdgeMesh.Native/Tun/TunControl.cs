using static Tmds.Linux.LibC;

namespace EdgeMesh.Native.Tun;

/// <summary>
/// The calls that make a TUN link and open its queues (linux/if_tun.h). Methods return 0 or an errno.
/// </summary>
public static unsafe class TunControl
{
    /// <summary>Longest name of a link, characters (IFNAMSIZ less the zero).</summary>
    public const int NameLengthMax = TunConstants.NameBytes - 1;

    /// <summary>Opens <c>/dev/net/tun</c>.</summary>
    /// <returns>0 or an errno.</returns>
    public static int OpenDevice(out int fd)
    {
        fixed (byte* path = "/dev/net/tun\0"u8)
        {
            fd = open(path, O_RDWR | O_CLOEXEC, 0);
        }

        return fd < 0 ? Errno.Last : 0;
    }

    /// <summary>Whether the TUN driver knows RWF_NOWAIT (Linux 6.4), without which a ring reads and writes it by a
    /// thread of the kernel's. A device that can't be opened counts as one that does.</summary>
    public static bool HasNoWait()
    {
        if (OpenDevice(out int fd) != 0)
        {
            return true;
        }

        // No queue of any link: the driver answers EBADFD, unless the flag is refused before it is asked.
        byte nothing;
        int result = FileCalls.ReadNoWait(fd, (nint)(&nothing), 1);
        _ = close(fd);
        return result != -Errno.EOPNOTSUPP;
    }

    /// <summary>Makes the descriptor a queue of a TUN link, which it makes if there is none (TUNSETIFF).</summary>
    public static int Attach(int fd, string name, bool hasVnetHeader)
    {
        InterfaceRequest request = InterfaceRequest.For(name);
        request.Flags = (short)(TunConstants.IffTun | TunConstants.IffNoPacketInformation | TunConstants.IffMultiQueue
            | (hasVnetHeader ? TunConstants.IffVnetHeader : 0));
        return Control(fd, TunConstants.TunSetIff, &request);
    }

    /// <summary>Sets the length of the header before each packet (TUNSETVNETHDRSZ).</summary>
    public static int SetVnetHeaderBytes(int fd, int bytes) => Control(fd, TunConstants.TunSetVnetHeaderSize, &bytes);

    /// <summary>Tells the kernel which unfinished packets we take (TUNSETOFFLOAD).</summary>
    /// <param name="fd">A queue.</param>
    /// <param name="segmentation">Checksum and TCP segmentation.</param>
    /// <param name="udp">UDP segmentation too (Linux 6.2).</param>
    public static int SetOffload(int fd, bool segmentation, bool udp)
    {
        const uint Segmentation =
            TunConstants.OffloadChecksum | TunConstants.OffloadTso4 | TunConstants.OffloadTso6;
        const uint Udp = TunConstants.OffloadUso4 | TunConstants.OffloadUso6;
        uint flags = (segmentation ? Segmentation : 0) | (udp ? Udp : 0);
        return Control(fd, TunConstants.TunSetOffload, (void*)flags);
    }

    /// <summary>Keeps the link when its last queue closes, or not (TUNSETPERSIST).</summary>
    public static int SetPersistent(int fd, bool isPersistent) =>
        Control(fd, TunConstants.TunSetPersist, (void*)(nint)(isPersistent ? 1 : 0));

    /// <summary>Sets MTU and transmit queue, and brings the link up.</summary>
    public static int Configure(string name, int mtuBytes, int queuePackets)
    {
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
        {
            return Errno.Last;
        }

        try
        {
            InterfaceRequest request = InterfaceRequest.For(name);
            request.Value = mtuBytes;
            int errno = Control(fd, TunConstants.SiocSetMtu, &request);
            if (errno != 0)
            {
                return errno;
            }

            request.Value = queuePackets;
            errno = Control(fd, TunConstants.SiocSetTransmitQueueLength, &request);
            if (errno == 0)
            {
                errno = Control(fd, TunConstants.SiocGetFlags, &request);
            }

            if (errno == 0)
            {
                request.Flags |= TunConstants.IffUp;
                errno = Control(fd, TunConstants.SiocSetFlags, &request);
            }

            return errno;
        }
        finally
        {
            _ = close(fd);
        }
    }

    private static int Control(int fd, uint request, void* argument) =>
        ioctl(fd, (int)request, argument) < 0 ? Errno.Last : 0;
}

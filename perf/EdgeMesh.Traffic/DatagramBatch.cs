using System;
using System.Runtime.InteropServices;
using EdgeMesh.Native;
using Tmds.Linux;

namespace EdgeMesh.Traffic;

/// <summary>
/// Datagrams of one size that go to the kernel in one system call (sendmmsg(2)), each a packet of its own.
/// </summary>
/// <remarks>Payload and headers are written once and never move; sending allocates nothing. For one thread.</remarks>
public sealed unsafe partial class DatagramBatch
{
    /// <summary>Most datagrams that one call takes: UIO_MAXIOV of linux/uio.h.</summary>
    public const int DatagramsMax = 1024;

    private readonly byte[] _payload;
    private readonly byte[] _address;
    private readonly iovec[] _pieces;
    private readonly mmsghdr[] _headers;

    /// <summary>Makes one, of zeroes.</summary>
    /// <param name="datagramBytes">Bytes of each datagram.</param>
    /// <param name="datagrams">How many there are.</param>
    /// <param name="address">Where they go, a <c>struct sockaddr</c>; empty: where the socket is connected to.</param>
    public DatagramBatch(int datagramBytes, int datagrams, ReadOnlySpan<byte> address)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(datagramBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(datagrams, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(datagrams, DatagramsMax);
        Datagrams = datagrams;
        _payload = GC.AllocateArray<byte>(checked(datagramBytes * datagrams), pinned: true);
        _address = GC.AllocateArray<byte>(Math.Max(1, address.Length), pinned: true);
        _pieces = GC.AllocateArray<iovec>(datagrams, pinned: true);
        _headers = GC.AllocateArray<mmsghdr>(datagrams, pinned: true);
        address.CopyTo(_address);
        byte* payload = (byte*)PinnedMemory.AddressOf(_payload);
        void* name = address.IsEmpty ? null : (void*)PinnedMemory.AddressOf(_address);
        fixed (iovec* pieces = _pieces)
        {
            for (int i = 0; i < datagrams; i++)
            {
                pieces[i].iov_base = payload + ((nint)i * datagramBytes);
                pieces[i].iov_len = datagramBytes;
                _headers[i].msg_hdr = new msghdr
                {
                    msg_iov = pieces + i,
                    msg_iovlen = 1,
                    msg_name = name,
                    msg_namelen = address.Length,
                };
            }
        }
    }

    /// <summary>How many there are.</summary>
    public int Datagrams { get; }

    /// <summary>The payload of all, one after the other.</summary>
    public Span<byte> Payload => _payload;

    /// <summary>
    /// Sends the first ones. A blocking socket waits until all fit, at most its SO_SNDTIMEO for each.
    /// </summary>
    /// <param name="fd">An open socket of datagrams; it stays open while this runs.</param>
    /// <param name="count">How many, at least 1.</param>
    /// <returns>
    /// How many the kernel took: fewer if it refused the next one. A negated errno if it refused the first.
    /// </returns>
    public int Send(nint fd, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Datagrams);
        fixed (mmsghdr* headers = _headers)
        {
            int sent = SendMessages((int)fd, headers, (uint)count, 0);
            return sent < 0 ? -Errno.Last : sent;
        }
    }

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SendMessages(int fd, mmsghdr* headers, uint count, int flags);
}

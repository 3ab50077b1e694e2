using System;
using System.Runtime.InteropServices;
using System.Text;
using Tmds.Linux;
using static EdgeMesh.Native.Netlink.NetlinkConstants;

namespace EdgeMesh.Native.Netlink;

/// <summary>
/// A netlink socket: requests with their acknowledgement, dumps, and what multicast groups tell. One thread at a time.
/// </summary>
internal sealed unsafe class NetlinkSocket : IDisposable
{
    internal delegate void MessageHandler(ushort type, ReadOnlySpan<byte> body);

    // The kernel fills at most 32 KiB per datagram of a dump (NLMSG_GOODSIZE and its caps in af_netlink.c).
    private const int ReceiveBytes = 64 * 1024;
    private const int DumpAttemptsMax = 8;
    private const int AnswerTimeoutSeconds = 5;

    private readonly byte[] _buffer = new byte[ReceiveBytes];
    private int _descriptor;
    private uint _sequence;

    private NetlinkSocket(int descriptor) => _descriptor = descriptor;

    /// <summary>Opens a socket in the network namespace of the calling thread.</summary>
    /// <param name="protocol">NETLINK_*.</param>
    /// <param name="receiveTimeout">How long <see cref="TryReceive"/> waits; null: as long as an answer may
    /// take.</param>
    /// <exception cref="NetlinkException">The kernel has no such protocol, or the process no descriptor.</exception>
    internal static NetlinkSocket Open(int protocol, TimeSpan? receiveTimeout = null)
    {
        int descriptor = LibC.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
        if (descriptor < 0)
        {
            throw new NetlinkException("opening a netlink socket", Errno.Last);
        }

        var socket = new NetlinkSocket(descriptor);
        try
        {
            // sockaddr_nl: family, padding, port 0 = the kernel chooses, groups.
            Span<byte> address = stackalloc byte[12];
            address.Clear();
            MemoryMarshal.Write(address, (ushort)AF_NETLINK);
            fixed (byte* a = address)
            {
                if (LibC.bind(descriptor, (sockaddr*)a, (uint)address.Length) < 0)
                {
                    throw new NetlinkException("binding a netlink socket", Errno.Last);
                }
            }

            // Older kernels lack these three; then errors are terse and dumps unfiltered.
            socket.TrySetOption(SOL_NETLINK, NETLINK_EXT_ACK, 1);
            socket.TrySetOption(SOL_NETLINK, NETLINK_CAP_ACK, 1);
            socket.TrySetOption(SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
            socket.SetReceiveTimeout(receiveTimeout ?? TimeSpan.FromSeconds(AnswerTimeoutSeconds));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    internal void Join(int group)
    {
        if (!TrySetOption(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group))
        {
            throw new NetlinkException($"joining netlink group {group}", Errno.Last);
        }
    }

    internal void SetReceiveBuffer(int bytes) => TrySetOption(SOL_SOCKET, SO_RCVBUF, bytes);

    /// <summary>Sends a request and waits for the kernel's word on it.</summary>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    internal void Execute(NetlinkRequest request, string operation) => Exchange(request, operation, onMessage: null);

    /// <summary>Sends a request that is answered by messages; repeats a dump the kernel calls inconsistent.</summary>
    /// <param name="request">What to ask; with NLM_F_DUMP, or with NLM_F_ACK.</param>
    /// <param name="operation">For the error.</param>
    /// <param name="onStart">Called before each attempt: forget what came before.</param>
    /// <param name="onMessage">Called for each message.</param>
    internal void Query(NetlinkRequest request, string operation, Action onStart, MessageHandler onMessage)
    {
        for (int attempt = 0; attempt < DumpAttemptsMax; attempt++)
        {
            onStart();
            if (Exchange(request, operation, onMessage))
            {
                return;
            }
        }

        throw new NetlinkException($"{operation} (interrupted {DumpAttemptsMax} times)", Errno.EBUSY);
    }

    /// <summary>Waits for a datagram of a multicast group.</summary>
    /// <returns>False if none came in time.</returns>
    internal bool TryReceive(out ReadOnlySpan<byte> datagram)
    {
        int received = Receive();
        datagram = received > 0 ? _buffer.AsSpan(0, received) : default;
        return received switch
        {
            >= 0 => true,
            // Messages were lost: something has changed, and that is all the monitor wants to know.
            -Errno.ENOBUFS => true,
            -Errno.EAGAIN or -Errno.EINTR => false,
            _ => throw new NetlinkException("receiving from netlink", -received),
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_descriptor >= 0)
        {
            _ = LibC.close(_descriptor); // a netlink socket has nothing left to fail
            _descriptor = -1;
        }
    }

    /// <summary>Reads an NLMSG_ERROR or NLMSG_DONE body: errno (0 = acknowledged) and the kernel's text.</summary>
    internal static (int Error, string Text) ReadError(ushort flags, ReadOnlySpan<byte> body, bool isDone)
    {
        if (!MemoryMarshal.TryRead(body, out int error))
        {
            return (isDone ? 0 : Errno.EPROTO, "");
        }

        // NLMSG_ERROR repeats the request's header, and its body unless capped.
        ReadOnlySpan<byte> rest = body[sizeof(int)..];
        if (!isDone)
        {
            if (!MemoryMarshal.TryRead(rest, out NetlinkHeader request))
            {
                return (unchecked(-error), "");
            }

            long skip = (flags & NLM_F_CAPPED) != 0
                ? NetlinkHeader.SizeBytes
                : Math.Max(NetlinkHeader.SizeBytes, ((long)request.Length + 3) & ~3L);
            rest = skip <= rest.Length ? rest[(int)skip..] : default;
        }

        string text = "";
        if ((flags & NLM_F_ACK_TLVS) != 0)
        {
            var attributes = new NetlinkAttributes(rest);
            while (attributes.MoveNext())
            {
                if (attributes.Type == NLMSGERR_ATTR_MSG)
                {
                    text = Encoding.UTF8.GetString(attributes.Value.TrimEnd((byte)0));
                }
            }
        }

        return (unchecked(-error), text);
    }

    // False: a dump was interrupted by a change.
    private bool Exchange(NetlinkRequest request, string operation, MessageHandler? onMessage)
    {
        uint sequence = unchecked(++_sequence);
        Send(request.Finish(sequence), operation);
        bool isInterrupted = false;
        while (true)
        {
            int received = Receive();
            if (received < 0)
            {
                if (received == -Errno.EINTR)
                {
                    continue;
                }

                throw new NetlinkException(operation, -received);
            }

            var messages = new NetlinkMessages(_buffer.AsSpan(0, received));
            while (messages.MoveNext())
            {
                NetlinkHeader header = messages.Header;
                if (header.Sequence != sequence)
                {
                    continue; // of an exchange that was given up
                }

                isInterrupted |= (header.Flags & NLM_F_DUMP_INTR) != 0;
                if (header.Type is NLMSG_ERROR or NLMSG_DONE)
                {
                    (int error, string text) = ReadError(header.Flags, messages.Body, header.Type == NLMSG_DONE);
                    return error == 0 ? !isInterrupted : throw new NetlinkException(operation, error, text);
                }

                if (header.Type >= 16) // NLMSG_MIN_TYPE
                {
                    onMessage?.Invoke(header.Type, messages.Body);
                }
            }

            if (messages.IsMalformed)
            {
                throw new NetlinkException(operation, Errno.EPROTO);
            }
        }
    }

    private void Send(ReadOnlySpan<byte> bytes, string operation)
    {
        ObjectDisposedException.ThrowIf(_descriptor < 0, this);
        while (true)
        {
            fixed (byte* b = bytes)
            {
                if ((long)LibC.send(_descriptor, b, bytes.Length, 0) >= 0)
                {
                    return;
                }
            }

            int error = Errno.Last;
            if (error != Errno.EINTR)
            {
                throw new NetlinkException(operation, error);
            }
        }
    }

    // Bytes received, or the negative errno.
    private int Receive()
    {
        ObjectDisposedException.ThrowIf(_descriptor < 0, this);
        fixed (byte* b = _buffer)
        {
            long received = (long)LibC.recv(_descriptor, b, _buffer.Length, MSG_TRUNC);
            if (received < 0)
            {
                return -Errno.Last;
            }

            return received <= _buffer.Length ? (int)received : -Errno.ENOBUFS;
        }
    }

    private void SetReceiveTimeout(TimeSpan timeout)
    {
        Span<long> timeval = [(long)timeout.TotalSeconds, timeout.Microseconds + (timeout.Milliseconds * 1000L)];
        fixed (long* t = timeval)
        {
            if (LibC.setsockopt(_descriptor, SOL_SOCKET, SO_RCVTIMEO, t, (uint)(timeval.Length * sizeof(long))) < 0)
            {
                throw new NetlinkException("setting a netlink socket's timeout", Errno.Last);
            }
        }
    }

    private bool TrySetOption(int level, int option, int value) =>
        LibC.setsockopt(_descriptor, level, option, &value, sizeof(int)) == 0;
}

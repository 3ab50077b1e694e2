using System;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace EdgeMesh.Perf.Measuring.Flows;

/// <summary>What the kernel knows of a TCP connection: a few fields of <c>struct tcp_info</c> (linux/tcp.h).</summary>
/// <param name="SegmentBytes">tcpi_snd_mss.</param>
/// <param name="RttMicros">tcpi_rtt.</param>
/// <param name="WindowSegments">tcpi_snd_cwnd.</param>
/// <param name="Retransmits">tcpi_total_retrans.</param>
internal readonly record struct TcpInfo(long SegmentBytes, long RttMicros, long WindowSegments, long Retransmits)
{
    private const int LevelTcp = 6;
    private const int Option = 11; // TCP_INFO
    private const int SegmentOffset = 16;
    private const int RttOffset = 68;
    private const int WindowOffset = 80;
    private const int RetransmitsOffset = 100;
    private const int SizeBytes = 104;

    /// <summary>Reads it; nothing of a connection that is gone.</summary>
    public static TcpInfo Of(Socket socket)
    {
        Span<byte> info = stackalloc byte[SizeBytes];
        try
        {
            if (socket.GetRawSocketOption(LevelTcp, Option, info) < SizeBytes)
            {
                return default;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return default;
        }

        return new TcpInfo(
            Field(info, SegmentOffset), Field(info, RttOffset), Field(info, WindowOffset),
                Field(info, RetransmitsOffset));
    }

    // The kernel writes its own byte order.
    private static long Field(ReadOnlySpan<byte> info, int offset) => MemoryMarshal.Read<uint>(info[offset..]);
}

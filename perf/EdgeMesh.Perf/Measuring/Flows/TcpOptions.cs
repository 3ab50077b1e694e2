using System;
using System.Net.Sockets;
using System.Text;

namespace EdgeMesh.Perf.Measuring.Flows;

/// <summary>Options of TCP that .NET has no name for (linux/tcp.h).</summary>
internal static class TcpOptions
{
    /// <summary>TCP_CA_NAME_MAX, with the zero at its end.</summary>
    public const int CongestionNameMax = 15;

    private const int LevelTcp = 6;
    private const int Congestion = 13;

    /// <summary>Chooses the congestion control of a socket.</summary>
    /// <exception cref="PerfException">
    /// The kernel has none of that name, or does not let this process use it.
    /// </exception>
    public static void SetCongestion(Socket socket, string name)
    {
        if (name.Length == 0)
        {
            return;
        }

        try
        {
            socket.SetRawSocketOption(LevelTcp, Congestion, Encoding.ASCII.GetBytes(name));
        }
        catch (SocketException e)
        {
            throw new PerfException(
                $"congestion control {name} can't be used ({e.Message}); "
                + "see sysctl net.ipv4.tcp_available_congestion_control, and modprobe tcp_" + name, e);
        }
    }

    /// <summary>The congestion control of a socket.</summary>
    public static string ReadCongestion(Socket socket)
    {
        Span<byte> name = stackalloc byte[CongestionNameMax + 1];
        int length = socket.GetRawSocketOption(LevelTcp, Congestion, name);
        return Encoding.ASCII.GetString(name[..length]).TrimEnd('\0');
    }
}

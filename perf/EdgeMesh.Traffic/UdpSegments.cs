using System;
using System.Net.Sockets;

namespace EdgeMesh.Traffic;

/// <summary>UDP segmentation offload: one send, many datagrams (udp(7), UDP_SEGMENT).</summary>
public static class UdpSegments
{
    private const int LevelUdp = 17;
    private const int Segment = 103;

    /// <summary>Has the kernel cut each send into datagrams.</summary>
    /// <returns>Datagrams per send: what was asked for, or 1 where the kernel can't.</returns>
    public static int Enable(Socket socket, int datagramBytes, int datagrams)
    {
        if (datagrams == 1)
        {
            return 1;
        }

        try
        {
            socket.SetRawSocketOption(LevelUdp, Segment, BitConverter.GetBytes(datagramBytes));
            return datagrams;
        }
        catch (SocketException)
        {
            return 1; // before Linux 4.18
        }
    }
}

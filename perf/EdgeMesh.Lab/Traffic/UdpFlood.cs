using System;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace EdgeMesh.Lab.Traffic;

/// <summary>Sends datagrams as fast as one thread can. Whoever counts reads the receiver's kernel counters.</summary>
public static class UdpFlood
{
    private const int SendsPerLookAtTheClock = 256;

    /// <summary>Sends for a time.</summary>
    /// <returns>Datagrams handed to the kernel.</returns>
    public static long Run(IPEndPoint to, int sizeBytes, TimeSpan duration)
    {
        using var socket = new Socket(to.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(to);
        byte[] payload = new byte[sizeBytes];
        var clock = Stopwatch.StartNew();
        long sent = 0;
        while (clock.Elapsed < duration)
        {
            for (int i = 0; i < SendsPerLookAtTheClock; i++)
            {
                try
                {
                    socket.Send(payload);
                    sent++;
                }
                catch (SocketException)
                {
                    // The answer to an earlier one, such as port unreachable; not this datagram's.
                }
            }
        }

        return sent;
    }
}

using System;
using System.Net.Sockets;

namespace EdgeMesh.Traffic;

/// <summary>The kernel's room for what a socket has not read yet.</summary>
public static class ReceiveBuffer
{
    private const int BufferBytes = 8 << 20; // what a gigabit brings in 64 ms
    private const int ForceReceiveBuffer = 33; // SO_RCVBUFFORCE of asm-generic/socket.h
    private const int LevelSocket = 1;

    /// <summary>Makes room for what comes while the reader is not scheduled.</summary>
    public static void Grow(Socket socket)
    {
        try
        {
            socket.SetRawSocketOption(LevelSocket, ForceReceiveBuffer, BitConverter.GetBytes(BufferBytes));
        }
        catch (SocketException)
        {
            socket.ReceiveBufferSize = BufferBytes; // without CAP_NET_ADMIN: as much as the sysctl allows
        }
    }
}

using System;
using System.Net.Sockets;
using EdgeMesh.Traffic;

namespace EdgeMesh.Perf.Measuring.Flows;

/// <summary>Blocking reads and writes that look at a stop flag. They allocate nothing.</summary>
internal static class SocketFlow
{
    /// <summary>Makes a socket's calls return often enough to look at a flag.</summary>
    public static void Prepare(Socket socket)
    {
        socket.ReceiveTimeout = StopFlag.LookMillis;
        socket.SendTimeout = StopFlag.LookMillis;
    }

    /// <summary>Reads what is there.</summary>
    /// <returns>Bytes; 0 if the connection has ended, broke, or the flag was set while nothing came.</returns>
    public static int Receive(Socket socket, Span<byte> buffer, StopFlag stop)
    {
        while (true)
        {
            int count = socket.Receive(buffer, SocketFlags.None, out SocketError error);
            if (error == SocketError.Success)
            {
                return count;
            }

            if (!IsLate(error) || stop.IsSet)
            {
                return 0;
            }
        }
    }

    /// <summary>Reads and forgets a number of bytes.</summary>
    /// <returns>False if the connection ended before, or the flag was set while nothing came.</returns>
    public static bool Skip(Socket socket, Span<byte> buffer, int bytes, StopFlag stop)
    {
        while (bytes > 0)
        {
            // A peer that never pauses would otherwise keep the thread forever.
            int count = stop.IsSet ? 0 : Receive(socket, buffer[..Math.Min(bytes, buffer.Length)], stop);
            if (count == 0)
            {
                return false;
            }

            bytes -= count;
        }

        return true;
    }

    /// <summary>Writes all.</summary>
    /// <returns>False if the connection broke, or the flag was set while nothing could be sent.</returns>
    public static bool Send(Socket socket, ReadOnlySpan<byte> bytes, StopFlag stop)
    {
        while (!bytes.IsEmpty)
        {
            int count = socket.Send(bytes, SocketFlags.None, out SocketError error);
            if (error == SocketError.Success)
            {
                bytes = bytes[count..];
            }
            else if (!IsLate(error) || stop.IsSet)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether only the time to look at the flag is over.</summary>
    public static bool IsLate(SocketError error) => error is SocketError.TimedOut or SocketError.WouldBlock;
}

using System;
using System.Net.Sockets;
using EdgeMesh.Perf.Measuring.Protocol;
using EdgeMesh.Traffic;

namespace EdgeMesh.Perf.Measuring.Serving;

/// <summary>The first bytes of a new connection.</summary>
internal static class Greeting
{
    /// <summary>Waits for a preamble; however slowly it comes, no longer than for a word.</summary>
    /// <returns>False if none came.</returns>
    public static bool TryRead(Socket socket, Span<byte> bytes, out Preamble preamble)
    {
        preamble = default;
        long deadline = MonotonicTime.Now + MonotonicTime.Of(MeasuringLimits.WordTime);
        Span<byte> rest = bytes;
        while (!rest.IsEmpty)
        {
            long millis = (deadline - MonotonicTime.Now) / MonotonicTime.Millisecond;
            if (millis <= 0)
            {
                return false;
            }

            socket.ReceiveTimeout = (int)millis;
            int count = socket.Receive(rest, SocketFlags.None, out SocketError error);
            if (error != SocketError.Success || count == 0)
            {
                return false;
            }

            rest = rest[count..];
        }

        return Preamble.TryParse(bytes, out preamble);
    }
}

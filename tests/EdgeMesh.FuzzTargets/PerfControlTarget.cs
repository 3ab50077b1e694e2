using System;
using System.Linq;
using EdgeMesh.Perf.Measuring.Protocol;
using EdgeMesh.Traffic;

namespace EdgeMesh.FuzzTargets;

/// <summary>What a stranger may send to a server of edgemesh-perf.</summary>
public static class PerfControlTarget
{
    /// <summary>Reads bytes as each of its messages; what is taken must survive a round trip.</summary>
    /// <param name="bytes">What came.</param>
    public static void Run(ReadOnlySpan<byte> bytes)
    {
        if (Preamble.TryParse(bytes, out Preamble preamble))
        {
            byte[] again = new byte[Preamble.SizeBytes];
            preamble.Write(again);
            Invariant.Holds(again.AsSpan().SequenceEqual(bytes[..Preamble.SizeBytes]), "a preamble has one form");
        }

        if (UdpDatagram.TryParse(bytes, out UdpDatagram datagram))
        {
            byte[] again = new byte[UdpDatagram.HeaderBytes];
            datagram.Write(again);
            Invariant.Holds(
                UdpDatagram.TryParse(again, out UdpDatagram read)
                    && read == datagram, "a datagram's head is read back");
        }

        if (ControlMessage.TryParse(bytes, out ControlMessage message))
        {
            Invariant.Holds(message.Request?.Problem() is null, "an impossible request was taken");
            Invariant.Holds(
                ControlMessage.TryParse(message.ToBytes(), out ControlMessage again) && again.Word == message.Word
                && again.ToBytes().SequenceEqual(message.ToBytes()), "a message is read back");
        }
    }
}

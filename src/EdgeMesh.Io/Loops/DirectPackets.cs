using System;
using System.Runtime.InteropServices;
using EdgeMesh.Native;

namespace EdgeMesh.Io.Loops;

/// <summary>Packets of a device by plain system calls, one each. The device does not wait.</summary>
internal sealed class DirectPackets
{
    private readonly IoVector[] _vectors = GC.AllocateArray<IoVector>(2, pinned: true);

    /// <summary>Reads packets until there are none; the rest of the results is EAGAIN.</summary>
    /// <returns>System calls made.</returns>
    public static int Read(int descriptor, Span<PacketRead> reads)
    {
        for (int i = 0; i < reads.Length; i++)
        {
            reads[i].Result = FileCalls.Read(descriptor, reads[i].Address, reads[i].Length);
            if (reads[i].Result == -Errno.EAGAIN)
            {
                foreach (ref PacketRead rest in reads[(i + 1)..])
                {
                    rest.Result = -Errno.EAGAIN;
                }

                return i + 1;
            }
        }

        return reads.Length;
    }

    /// <summary>Writes packets.</summary>
    /// <returns>System calls made.</returns>
    public int Write(int descriptor, Span<PacketWrite> writes)
    {
        foreach (ref PacketWrite write in writes)
        {
            if (write.HeaderAddress == 0)
            {
                write.Result = FileCalls.Write(descriptor, write.Address, write.Length);
                continue;
            }

            _vectors[0] = new IoVector { Address = write.HeaderAddress, Length = Packets.Limits.OffloadHeaderBytes };
            _vectors[1] = new IoVector { Address = write.Address, Length = write.Length };
            nint address = PinnedMemory.AddressOf(MemoryMarshal.AsBytes(_vectors.AsSpan()));
            write.Result = FileCalls.GatherWrite(descriptor, address, 2);
        }

        return writes.Length;
    }
}

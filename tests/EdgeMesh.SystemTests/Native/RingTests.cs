using System;
using System.Runtime.InteropServices;
using EdgeMesh.Native;
using EdgeMesh.Native.IoUring;
using Xunit;

namespace EdgeMesh.SystemTests.Native;

public sealed class RingTests
{
    [Fact]
    public void Completions_come_back_with_what_they_were_asked_with()
    {
        using Ring ring = Open(8);
        using EventFd counter = new();
        ulong[] value = GC.AllocateArray<ulong>(1, pinned: true);
        nint address = PinnedMemory.AddressOf(MemoryMarshal.AsBytes(value.AsSpan()));
        value[0] = 7;
        Assert.True(ring.TryQueueWrite(counter.Descriptor, address, sizeof(ulong), 11));
        Assert.Equal(1u, ring.Unsubmitted);
        ring.Enter(1, -1);
        Assert.Equal(0u, ring.Unsubmitted);
        Assert.True(ring.TryReap(out ulong userData, out int result, out bool hasMore));
        Assert.Equal((11UL, sizeof(ulong), false), (userData, result, hasMore));
        value[0] = 0;
        Assert.True(ring.TryQueueRead(counter.Descriptor, address, sizeof(ulong), noWait: false, 12));
        ring.Enter(1, -1);
        Assert.True(ring.TryReap(out userData, out result, out _));
        Assert.Equal((12UL, sizeof(ulong), 7UL), (userData, result, value[0]));
        Assert.False(ring.TryReap(out _, out _, out _));
    }

    [Fact]
    public void Full_queue_says_so_and_takes_more_once_it_was_entered()
    {
        using Ring ring = Open(4);
        int queued = 0;
        while (ring.TryQueueCancel(12345, (ulong)queued))
        {
            queued++;
        }

        Assert.Equal(4, queued);
        ring.Enter(0, -1);
        Assert.True(ring.TryQueueCancel(12345, 99));
        ring.Enter(0, -1);
        for (int i = 0; i < 5; i++)
        {
            Assert.True(ring.TryReap(out _, out int result, out _));
            Assert.Equal(-Errno.ENOENT, result);
        }
    }

    [Fact]
    public void Wait_ends_when_the_time_is_up()
    {
        using Ring ring = Open(4);
        Assert.SkipUnless(ring.CanWaitWithTimeout, "this kernel's io_uring_enter takes no time");
        long start = Environment.TickCount64;
        ring.Enter(1, 20_000_000);
        Assert.InRange(Environment.TickCount64 - start, 15, 10_000);
        Assert.False(ring.TryReap(out _, out _, out _));
    }

    private static Ring Open(int entries)
    {
        try
        {
            return Ring.Open(entries);
        }
        catch (NativeException exception)
        {
            Assert.Skip(exception.Message);
            throw;
        }
    }
}

using System;
using System.Runtime.CompilerServices;
using System.Threading;
using EdgeMesh.ControlPlane;
using Xunit;

namespace EdgeMesh.UnitTests.ControlPlane;

public sealed class MemoryReturnTests
{
    private static byte[]? _kept;

    [Fact]
    public void What_was_left_behind_is_given_back_once_enough_was_allocated()
    {
        var memory = new MemoryReturn(Timeout.InfiniteTimeSpan, 64 * 1024 * 1024);
        memory.TryCollect(); // whatever came before
        WeakReference left = Leave();
        Assert.True(memory.TryCollect());
        Assert.False(left.IsAlive);
    }

    [Fact]
    public void At_rest_nothing_is_collected()
    {
        var memory = new MemoryReturn(Timeout.InfiniteTimeSpan, long.MaxValue);
        Assert.False(memory.TryCollect());
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Leave()
    {
        _kept = new byte[80 * 1024 * 1024];
        var left = new WeakReference(_kept);
        _kept = null;
        return left;
    }
}

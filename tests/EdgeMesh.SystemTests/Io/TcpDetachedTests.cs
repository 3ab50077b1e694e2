using System;
using System.Buffers;
using System.IO.Pipelines;
using EdgeMesh.Io;
using EdgeMesh.Io.Loops;
using EdgeMesh.Io.Sockets;
using Xunit;

namespace EdgeMesh.SystemTests.Io;

/// <summary>A connection that moves from one loop to another.</summary>
public sealed class TcpDetachedTests
{
    public static TheoryData<IoBackend> Backends => Loops.Backends;

    [Theory]
    [MemberData(nameof(Backends))]
    public void Detached_connection_goes_on_in_another_loop_with_its_unread_bytes(IoBackend backend)
    {
        using EventLoop first = Loops.Open(backend);
        (TcpConnection near, TcpConnection far) = first.Pair();
        TcpDetached detached = first.Complete(async () =>
        {
            await near.Output.WriteAsync(new byte[] { 1, 2, 3, 4, 5 });
            ReadResult read = await far.Input.ReadAsync();
            far.Input.AdvanceTo(read.Buffer.GetPosition(2));
            return far.Detach();
        });
        using EventLoop second = Loops.Open(backend);
        TcpConnection adopted = detached.Attach(second);
        Assert.Equal(near.LocalEndPoint, adopted.RemoteEndPoint);
        second.Complete(async () =>
        {
            ReadResult read = await adopted.Input.ReadAsync();
            Assert.Equal([3, 4, 5], read.Buffer.ToArray());
            adopted.Input.AdvanceTo(read.Buffer.End);
            await adopted.Output.WriteAsync(new byte[] { 9 });
        });
        Assert.Equal(9, first.Complete(async () => (await near.Input.ReadAsync()).Buffer.FirstSpan[0]));
        Assert.Throws<ObjectDisposedException>(() => detached.Attach(second));
        near.Dispose();
        adopted.Dispose();
    }
}

using System;
using System.IO.Pipelines;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using BenchmarkDotNet.Attributes;
using EdgeMesh.Io;
using EdgeMesh.Io.Loops;
using EdgeMesh.Io.Sockets;
using EdgeMesh.Underlay;

namespace EdgeMesh.Benchmarks.Loops;

/// <summary>What the loop itself costs: an idle turn, and bytes to a loopback socket and back.</summary>
[MemoryDiagnoser]
public class EventLoopBenchmark
{
    private EventLoop _loop = null!;
    private TcpListener _listener = null!;
    private TcpConnection _near = null!;
    private TcpConnection _far = null!;

    [Params(IoBackend.IoUring, IoBackend.Epoll)]
    public IoBackend Backend { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _loop = EventLoops.Open(Backend);
        _listener = TcpListener.Bind(_loop, new IPEndPoint(IPAddress.Loopback, 0));
        RunToEnd(async () =>
        {
            ValueTask<UnderlayConnection> accepting = _listener.AcceptAsync(CancellationToken.None);
            _near = await TcpConnection.ConnectAsync(_loop, _listener.LocalEndPoint, CancellationToken.None);
            _far = (TcpConnection)await accepting;
        });
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _near.Dispose();
        _far.Dispose();
        _listener.Dispose();
        _loop.Dispose();
    }

    [Benchmark]
    public void Posted_callback()
    {
        _loop.Post(static _ => { }, null);
        _loop.RunOnce(TimeSpan.Zero);
    }

    [Benchmark]
    public void Sixty_four_kilobytes_there() => RunToEnd(() => SendAsync(64 * 1024));

    [Benchmark]
    public void Sixty_four_bytes_there() => RunToEnd(() => SendAsync(64));

    private async Task SendAsync(int bytes)
    {
        _near.Output.GetSpan(bytes)[..bytes].Clear();
        _near.Output.Advance(bytes);
        await _near.Output.FlushAsync();
        while (bytes > 0)
        {
            ReadResult read = await _far.Input.ReadAsync();
            bytes -= (int)read.Buffer.Length;
            _far.Input.AdvanceTo(read.Buffer.End);
        }
    }

    private void RunToEnd(Func<Task> work)
    {
        SynchronizationContext? before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(_loop.Context);
        Task task = work();
        while (!task.IsCompleted)
        {
            _loop.RunOnce(TimeSpan.FromSeconds(1));
        }

        SynchronizationContext.SetSynchronizationContext(before);
        task.GetAwaiter().GetResult();
    }
}

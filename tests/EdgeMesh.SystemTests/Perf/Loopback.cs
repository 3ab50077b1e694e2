using System;
using System.Collections.Concurrent;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Perf.Measuring.Asking;
using EdgeMesh.Perf.Measuring.Protocol;
using EdgeMesh.Perf.Measuring.Serving;

namespace EdgeMesh.SystemTests.Perf;

/// <summary>A server of edgemesh-perf on a free port of loopback.</summary>
internal sealed class Loopback : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PerfServer _server;

    public Loopback(TimeSpan? durationMax = null, bool isOnce = false, int sessionsMax = 16)
    {
        _server = new PerfServer(
            new ServerOptions
            {
                Listen = new IPEndPoint(IPAddress.Loopback, 0),
                DurationMax = durationMax ?? TimeSpan.FromSeconds(30),
                IsOnce = isOnce,
                SessionsMax = sessionsMax,
            },
            Lines.Enqueue);
        Running = Task.Factory.StartNew(
            () => _server.Run(_stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
    }

    public ConcurrentQueue<string> Lines { get; } = new();

    public Task Running { get; }

    public PerfTarget Target => new("loopback", _server.EndPoint);

    /// <summary>A request of 300 ms.</summary>
    public static MeasurementRequest Request(TestKind test, int bytes = 1000) => new()
    {
        Test = test,
        MessageBytes = bytes,
        ResponseBytes = bytes,
        DurationMillis = 300,
        OmitMillis = 50,
        IntervalMillis = 100,
    };

    public void Dispose()
    {
        _stop.Cancel();
        Running.Wait(TimeSpan.FromSeconds(10));
        _server.Dispose();
        _stop.Dispose();
    }
}

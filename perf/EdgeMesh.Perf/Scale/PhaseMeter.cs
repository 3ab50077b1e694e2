using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Lab.Measuring;
using EdgeMesh.Lab.Running;

namespace EdgeMesh.Perf.Scale;

/// <summary>What a process and its port cost during a phase.</summary>
internal sealed class PhaseMeter
{
    private readonly LabProcess _process;
    private readonly StandInClient _client;
    private readonly int _port;
    private readonly TimeSpan _cpuBefore;
    private readonly PortCounts _countsBefore;
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly List<double> _resident = [];
    private readonly List<double> _anonymous = [];

    private PhaseMeter(LabProcess process, StandInClient client, int port, PortCounts counts)
    {
        _process = process;
        _client = client;
        _port = port;
        _cpuBefore = process.CpuTime;
        _countsBefore = counts;
    }

    /// <summary>Begins.</summary>
    /// <param name="process">The process.</param>
    /// <param name="client">The stand-in.</param>
    /// <param name="port">Index of the port that the process uses.</param>
    /// <param name="stop">Gives up.</param>
    public static async Task<PhaseMeter> StartAsync(
        LabProcess process, StandInClient client, int port, CancellationToken stop) =>
        new(process, client, port, await client.CountsAsync(port, stop));

    /// <summary>Looks at its memory; about once a second.</summary>
    public void Look()
    {
        _resident.Add(_process.ResidentKibibytes / 1024.0);
        _anonymous.Add(_process.AnonymousKibibytes / 1024.0);
    }

    /// <summary>Ends.</summary>
    public async Task<PhaseCost> EndAsync(CancellationToken stop)
    {
        TimeSpan time = Stopwatch.GetElapsedTime(_start);
        TimeSpan cpu = _process.CpuTime - _cpuBefore;
        PortCounts counts = (await _client.CountsAsync(_port, stop)).Since(_countsBefore);
        return new PhaseCost(
            cpu / time * 100,
            Percentiles.Median(_resident),
            _resident.Max(),
            Percentiles.Median(_anonymous),
            counts.Sent / time.TotalHours / (1 << 20),
            counts.Received / time.TotalHours / (1 << 20),
            counts.Requests / time.TotalHours);
    }
}

using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Lab.Measuring;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Lab;

/// <summary>
/// From starting a dataplane, with its snapshot on disk, to the first datagram that went to a far pod and back.
/// </summary>
internal static class StartMeasurement
{
    /// <summary>Takes a sample: restarts the dataplane beside the near pod.</summary>
    public static async Task<PerfResult> SampleAsync(LabPath path, TimeSpan duration, CancellationToken stop)
    {
        _ = duration; // it takes what it takes
        stop.ThrowIfCancellationRequested();
        LabMesh mesh = path.Alternative.Mesh!;
        MeshNode node = mesh.Node(path.From.Node.Name);
        await node.Dataplane!.StopAsync();
        TimeSpan elapsed = await FirstPacket.TimeAsync(path.From, path.To, () => node.StartDataplane());
        await mesh.WaitUntilConnectedAsync();
        return new PerfResult
        {
            Test = "start",
            Via = path.Name,
            Parameters = new Dictionary<string, string>(),
            Metrics = [Metric.Less("first-packet", "ms", elapsed.TotalMilliseconds)],
        };
    }
}

using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.Perf.Measuring;

namespace EdgeMesh.Perf.Scale;

/// <summary>When prefixes of nodes came to an observer. Any thread.</summary>
internal sealed class ArrivalLog
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<(long Timestamp, IpPrefix[] Prefixes)>> _byNode = [];

    /// <summary>Notes that a node has these prefixes now, or these besides others.</summary>
    public void Add(string node, IEnumerable<IpPrefix> prefixes)
    {
        long now = Stopwatch.GetTimestamp();
        lock (_lock)
        {
            if (!_byNode.TryGetValue(node, out List<(long, IpPrefix[])>? arrivals))
            {
                _byNode[node] = arrivals = [];
            }

            arrivals.Add((now, [.. prefixes]));
        }
    }

    /// <summary>Records how long each pod's address took to come here.</summary>
    /// <param name="creations">The pods.</param>
    /// <param name="delays">Gets the delays.</param>
    /// <returns>Pods whose address did not come.</returns>
    public int Match(IEnumerable<PodCreation> creations, LatencyRecorder delays)
    {
        int missing = 0;
        lock (_lock)
        {
            foreach (PodCreation creation in creations)
            {
                byte[] address = ScalePlan.Bytes(creation.Address);
                long arrived = _byNode.GetValueOrDefault(ScalePlan.NodeName(creation.Node), [])
                    .FirstOrDefault(arrival => arrival.Timestamp >= creation.Timestamp
                        && arrival.Prefixes.Any(prefix => IpPrefixes.Covers(prefix, address)))
                    .Timestamp;
                if (arrived == 0)
                {
                    missing++;
                }
                else
                {
                    delays.Record(
                        (long)Stopwatch.GetElapsedTime(creation.Timestamp, arrived).TotalNanoseconds);
                }
            }
        }

        return missing;
    }
}

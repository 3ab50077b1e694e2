using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.Libp2p.Yamux;
using EdgeMesh.SimulationTests.Underlay;

namespace EdgeMesh.SimulationTests.Nodes;

/// <summary>Makes a scenario from a seed: mostly small meshes, as faults need few nodes; now and then a large one.
/// </summary>
public static class ScenarioGenerator
{
    /// <summary>Packets of one run, about: what bounds the time that a seed takes.</summary>
    private const int PacketsMax = 2500;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);

    public static Scenario Make(int seed)
    {
        var random = new Random(unchecked(seed * 7919));
        int nodes = random.Next(100) switch
        {
            < 60 => random.Next(3, 5),
            < 97 => random.Next(5, 9),
            _ => random.Next(9, 51),
        };
        int hubs = nodes <= 5 ? nodes : random.Next(1, 3);
        PathConditions conditions = MakeConditions(random);
        TimeSpan duration = TimeSpan.FromSeconds(random.Next(5, 16));
        var disturbances = new List<Disturbance>();
        for (int left = random.Next(0, 6); left > 0; left--)
        {
            disturbances.Add(MakeDisturbance(random, nodes, hubs, duration));
        }

        List<FlowPlan> crowd = random.Next(4) == 0 ? MakeCrowd(random, nodes, duration, disturbances) : [];
        var scenario = new Scenario
        {
            Seed = seed,
            Nodes = nodes,
            Hubs = hubs,
            Workers = MakeWorkers(random, nodes),
            Windows = MakeWindows(random, nodes),
            StartsAtOnce = random.Next(2) == 0,
            Conditions = conditions,
            PoolBytes = random.Next(3) == 0 ? 1 << 20 : 4 << 20,
            Duration = duration,
            Disturbances = disturbances,
            Flows = [],
        };
        List<FlowPlan> flows = [.. crowd, .. MakeFlows(random, scenario, crowd.Count)];
        return scenario with
        {
            Flows = flows.ConvertAll(flow => flow with { IsAlone = IsAlone(flow, flows, scenario) }),
        };
    }

    private static List<int> MakeWorkers(Random random, int nodes)
    {
        int most = random.Next(10) switch { < 6 => 1, < 9 => 2, _ => 3 };
        return [.. Enumerable.Range(0, nodes).Select(_ => random.Next(1, most + 1))];
    }

    // Most nodes are ours; some grant what other implementations do, or less.
    private static List<int> MakeWindows(Random random, int nodes) => [.. Enumerable.Range(0, nodes).Select(
        _ => random.Next(8) switch
        {
            0 => 32 * 1024,
            1 => YamuxLimits.InitialWindowBytes,
            _ => YamuxLimits.TunnelWindowBytes,
        })];

    private static PathConditions MakeConditions(Random random) => new()
    {
        BytesPerSecond = random.Next(4) switch { 0 => 1_250_000, 1 => 12_500_000, _ => 125_000_000 },
        Delay = TimeSpan.FromMicroseconds(random.Next(3) switch
        {
            0 => random.Next(20, 300),
            1 => random.Next(300, 5_000),
            _ => random.Next(5_000, 100_000),
        }),
        JitterMax = TimeSpan.FromMicroseconds(random.Next(2) == 0 ? 0 : random.Next(1, 10_000)),
        Loss = random.Next(3) == 0 ? random.NextDouble() * 0.03 : 0,
        PieceBytesMax = random.Next(3) switch { 0 => 1400, 1 => 9000, _ => 65536 },
    };

    private static Disturbance MakeDisturbance(Random random, int nodes, int hubs, TimeSpan duration)
    {
        (int low, int high) = PickPair(random, nodes, hubs);
        bool isSwapped = random.Next(2) == 0;
        return new Disturbance(
            (DisturbanceKind)random.Next(Enum.GetValues<DisturbanceKind>().Length),
            isSwapped ? high : low,
            isSwapped ? low : high,
            random.NextDouble() * duration,
            TimeSpan.FromMilliseconds(random.Next(3) switch
            {
                0 => random.Next(1, 300),
                1 => random.Next(300, 5_000),
                _ => random.Next(5_000, 45_000),
            }));
    }

    // The first node floods all its peers but one, all of which are slow; the last one must not notice.
    private static List<FlowPlan> MakeCrowd(
        Random random, int nodes, TimeSpan duration, List<Disturbance> disturbances)
    {
        var flows = new List<FlowPlan>();
        DisturbanceKind kind = random.Next(3) switch
        {
            0 => DisturbanceKind.Stall,
            1 => DisturbanceKind.Narrow,
            _ => DisturbanceKind.Freeze,
        };
        int slow = Math.Min(nodes - 2, 7);
        for (int peer = 1; peer <= slow; peer++)
        {
            bool isOfPeer = kind == DisturbanceKind.Freeze;
            disturbances.Add(new Disturbance(kind, isOfPeer ? peer : 0, isOfPeer ? 0 : peer, WarmUp, duration));
            flows.Add(new FlowPlan(
                flows.Count, 0, peer, 1200, 400 / slow, TimeSpan.FromMilliseconds(100), WarmUp, 20, false));
        }

        flows.Add(new FlowPlan(
            flows.Count, 0, slow + 1, 100, 1, TimeSpan.FromMilliseconds(50), WarmUp, 60, false));
        return flows;
    }

    private static (int Low, int High) PickPair(Random random, int nodes, int hubs)
    {
        int low = random.Next(hubs);
        int high = random.Next(nodes - 1);
        high = high >= low ? high + 1 : high;
        return (low, high);
    }

    private static List<FlowPlan> MakeFlows(Random random, Scenario scenario, int firstFlow)
    {
        var flows = new List<FlowPlan>();
        int packets = 0;
        for (int flow = firstFlow, left = random.Next(1, 7); left > 0 && packets < PacketsMax; left--, flow++)
        {
            (int low, int high) = PickPair(random, scenario.Nodes, scenario.Hubs);
            (int from, int to) = random.Next(2) == 0 ? (low, high) : (high, low);
            FlowPlan plan = random.Next(3) switch
            {
                0 => MakeFlood(random, scenario, flow, from, to),
                1 => MakeBursts(random, scenario, flow, from, to),
                _ => MakePaced(random, scenario, flow, from, to),
            };
            packets += plan.BurstPackets * plan.Bursts;
            int fragments = plan.BurstPackets > 1 && random.Next(4) == 0 ? random.Next(2, 12) : 1;
            flows.Add(plan with
            {
                BurstPackets = (plan.BurstPackets + fragments - 1) / fragments * fragments,
                Fragments = fragments,
                IsMixed = random.Next(4) == 0,
            });
        }

        return flows;
    }

    // More than the way carries, if it is a narrow one.
    private static FlowPlan MakeFlood(Random random, Scenario scenario, int flow, int from, int to) => new(
        flow, from, to, random.Next(LabelledPacket.BytesMin, 1501), random.Next(1, 40),
        TimeSpan.FromMilliseconds(random.Next(1, 10)), Start(random, scenario), random.Next(10, 60), false);

    // Now and then very many at once, and nothing else: a tail must not wait for the next burst.
    private static FlowPlan MakeBursts(Random random, Scenario scenario, int flow, int from, int to) => new(
        flow, from, to, random.Next(1000, 1501), random.Next(40, 400),
        TimeSpan.FromMilliseconds(random.Next(500, 3000)), Start(random, scenario), random.Next(1, 4), false);

    private static FlowPlan MakePaced(Random random, Scenario scenario, int flow, int from, int to) => new(
        flow, from, to, random.Next(LabelledPacket.BytesMin, 400), 1,
        TimeSpan.FromMilliseconds(random.Next(5, 100)), Start(random, scenario), random.Next(20, 200), false);

    private static bool IsAlone(FlowPlan flow, List<FlowPlan> flows, Scenario scenario) =>
        scenario.Conditions.Loss == 0
        && flow.BurstBytes * 2 < scenario.Conditions.BytesPerSecond * flow.Interval.TotalSeconds
        && flow.BurstBytes * 2 * scenario.Conditions.RoundTripMax
            < scenario.BytesUnderWayMax(flow.To) * flow.Interval
        && !flows.Exists(other => other != flow && other.From == flow.From && other.To == flow.To)
        && !scenario.Disturbances.Any(disturbance => disturbance.Touches(flow.From, flow.To));

    private static TimeSpan Start(Random random, Scenario scenario) =>
        WarmUp + (random.NextDouble() * (scenario.Duration - WarmUp));
}

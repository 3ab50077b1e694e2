using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.Packets;
using EdgeMesh.SimulationTests.Underlay;

namespace EdgeMesh.SimulationTests.Nodes;

/// <summary>Runs a scenario on nodes: traffic and disturbances, then calm, in which each pair must deliver again.
/// </summary>
internal sealed class ScenarioRunner
{
    private const int ProbeBytes = 100;

    /// <summary>
    /// When all is as it should be, each pair delivers within that: a half-open connection is given up after 35 s at
    /// most, a dial is tried again after some seconds.
    /// </summary>
    private static readonly TimeSpan RecoveryMax = TimeSpan.FromSeconds(120);

    /// <summary>Time for a process to end in good order (DataplaneProcess.DrainTimeMax).</summary>
    private static readonly TimeSpan StopTimeMax = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan StopLookInterval = TimeSpan.FromMilliseconds(1);

    /// <summary>
    /// When each pair delivers, the surplus connections go within that: the end that follows waits 10 s, draining takes
    /// 5 s at most, and lanes that are missing are dialed after a back-off.
    /// </summary>
    private static readonly TimeSpan RestMax = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1);

    /// <summary>What waits in queues leaves within that, or is dropped and counted.</summary>
    private static readonly TimeSpan DrainMax = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Longest time of a burst that nothing touches, beside what the path takes: nothing else wakes a loop so soon.
    /// </summary>
    private static readonly TimeSpan UntouchedMax = TimeSpan.FromMilliseconds(5);

    private readonly Scenario _scenario;
    private readonly SimulatedMesh _mesh;
    private readonly SimulatedWorld _world;
    private readonly int[] _timesDown;

    private ScenarioRunner(Scenario scenario, NodeFactory factory, bool isTraced)
    {
        _scenario = scenario;
        _mesh = new SimulatedMesh(scenario, factory, isTraced);
        _world = _mesh.World;
        _timesDown = new int[scenario.Nodes];
    }

    /// <summary>Runs it.</summary>
    /// <exception cref="SimulationException">Something did not hold; the message says what, and how to see it again.
    /// </exception>
    public static ScenarioResult Run(Scenario scenario, NodeFactory factory, Action<string>? trace = null)
    {
        var runner = new ScenarioRunner(scenario, factory, trace is not null);
        try
        {
            UnexpectedExceptions.Watch(runner._world);
            return runner.Run();
        }
        finally
        {
            UnexpectedExceptions.Watch(null);
            trace?.Invoke(runner._world.TraceText);
        }
    }

    private ScenarioResult Run()
    {
        for (int node = 0; node < _scenario.Nodes; node++)
        {
            int index = node;
            double wait = _scenario.StartsAtOnce ? 0 : _world.Random.NextDouble();
            _world.After(wait * TimeSpan.FromSeconds(1), () => StartFirst(index));
        }

        foreach (FlowPlan flow in _scenario.Flows)
        {
            _world.After(flow.Start, () => SendBurst(flow, flow.Bursts));
        }

        foreach (Disturbance disturbance in _scenario.Disturbances)
        {
            _world.After(disturbance.Start, () => Begin(disturbance));
        }

        TimeSpan end = _scenario.Disturbances
            .Select(disturbance => disturbance.Start + disturbance.Duration)
            .Concat(_scenario.Flows.Select(flow => flow.Start + (flow.Bursts * flow.Interval)))
            .Append(_scenario.Duration)
            .Max();
        _world.RunFor(end);
        CheckThatAllPairsDeliver();
        CheckThatNothingIsLeft();
        CheckUntouchedFlows();
        CheckPathsAtRest();
        return new ScenarioResult(_world.TraceHash, _world.Steps, _mesh.Oracle.Injected, _mesh.Oracle.Delivered);
    }

    private void StartFirst(int node)
    {
        if (_timesDown[node] == 0)
        {
            _mesh.Start(node);
        }
    }

    private void SendBurst(FlowPlan flow, int left)
    {
        // What nothing touches begins when the pair is connected: before, nobody promises anything.
        bool isReady = !flow.IsAlone || _mesh.Node(flow.From)?.IsConnected(flow.To) == true;
        for (int i = 0; isReady && i < flow.BurstPackets; i++)
        {
            _mesh.Inject(flow.From, flow.To, flow.Flow, flow.BytesOf(i), flow.Fragments);
        }

        if (left > 1)
        {
            _world.After(flow.Interval, () => SendBurst(flow, left - 1));
        }
    }

    private void Begin(Disturbance disturbance)
    {
        _world.Trace("begins: " + disturbance.Kind, $"node{disturbance.Node}", disturbance.Other);
        switch (disturbance.Kind)
        {
            case DisturbanceKind.Stall:
                _mesh.Path(disturbance.Node, disturbance.Other).StalledUntil = _world.Now + disturbance.Duration;
                break;
            case DisturbanceKind.Restart or DisturbanceKind.PowerLoss:
                _timesDown[disturbance.Node]++;
                _mesh.Kill(disturbance.Node, disturbance.Kind == DisturbanceKind.PowerLoss);
                break;
            case DisturbanceKind.Stop:
                _timesDown[disturbance.Node]++;
                Stop(disturbance.Node);
                break;
            default:
                Set(disturbance, isOn: true);
                break;
        }

        _world.After(disturbance.Duration, () => Finish(disturbance));
    }

    private void Finish(Disturbance disturbance)
    {
        _world.Trace("ends: " + disturbance.Kind, $"node{disturbance.Node}", disturbance.Other);
        if (disturbance.Kind is DisturbanceKind.Restart or DisturbanceKind.PowerLoss or DisturbanceKind.Stop)
        {
            if (--_timesDown[disturbance.Node] == 0)
            {
                _mesh.Site(disturbance.Node).Host.PowerOn();
                _mesh.Start(disturbance.Node);
            }
        }
        else
        {
            Set(disturbance, isOn: false);
        }
    }

    // As the product's process does: it drains for a bounded time, and then ends.
    private void Stop(int node)
    {
        if (_mesh.Node(node) is { } running)
        {
            running.Stop();
            EndWhenStopped(node, running, _world.Now + StopTimeMax);
        }
    }

    private void EndWhenStopped(int node, ISimulatedNode running, Instant deadline)
    {
        if (!ReferenceEquals(_mesh.Node(node), running))
        {
            return; // it was killed meanwhile
        }

        if (running.HasStopped || _world.Now >= deadline)
        {
            _mesh.Kill(node, isPowerLoss: false);
            if (_timesDown[node] == 0)
            {
                _mesh.Start(node);
            }

            return;
        }

        _world.After(StopLookInterval, () => EndWhenStopped(node, running, deadline));
    }

    private void Set(Disturbance disturbance, bool isOn)
    {
        SimulatedHost host = _mesh.Site(disturbance.Node).Host;
        SimulatedHost other = _mesh.Site(disturbance.Other).Host;
        PathConditions conditions = isOn
            ? _scenario.Conditions with { BytesPerSecond = 125_000 }
            : _scenario.Conditions;
        switch (disturbance.Kind)
        {
            case DisturbanceKind.Narrow:
                _mesh.Path(disturbance.Node, disturbance.Other).Conditions = conditions;
                break;
            case DisturbanceKind.Cut:
                _world.Network.SetCut(host, other, isOn);
                break;
            case DisturbanceKind.Partition:
                foreach (SimulatedHost far in _world.Network.Hosts.Where(far => far != host))
                {
                    _world.Network.SetCut(host, far, isOn);
                }

                break;
            case DisturbanceKind.Freeze:
                host.Freeze(isOn);
                break;
            case DisturbanceKind.RefuseDials:
                host.RefusesDials = isOn;
                break;
            case DisturbanceKind.RefusePackets:
                SetRefusal(disturbance.Node, isOn ? 0.3 : 0);
                break;
            case DisturbanceKind.Removal:
                _mesh.SetRemoved(disturbance.Node, disturbance.Other, isOn);
                break;
            case DisturbanceKind.Move:
                _mesh.SetMoved(disturbance.Node, isOn);
                break;
            case DisturbanceKind.Reconnect:
                _mesh.Node(disturbance.Node)?.Reconnect(disturbance.Other);
                break;
            case DisturbanceKind.SlowProcessor:
                SetCost(host, isOn ? TimeSpan.FromMilliseconds(2) : TimeSpan.Zero);
                break;
            default:
                break;
        }
    }

    private void SetRefusal(int node, double share)
    {
        foreach (SimulatedDevice device in _mesh.Site(node).Devices)
        {
            device.Refusal = share;
        }
    }

    private static void SetCost(SimulatedHost host, TimeSpan cost)
    {
        foreach (SimulatedNodeLoop loop in host.Loops)
        {
            loop.ExtraCost = cost;
        }
    }

    private void CheckThatAllPairsDeliver()
    {
        // A flow of its own for each direction of each pair; one packet of it that arrives is enough.
        var waiting = new List<(int From, int To, int Flow)>();
        int flow = _scenario.Flows.Count;
        foreach ((int low, int high) in _scenario.Pairs)
        {
            waiting.Add((low, high, flow++));
            waiting.Add((high, low, flow++));
        }

        for (TimeSpan time = TimeSpan.Zero; waiting.Count > 0 && time < RecoveryMax; time += ProbeInterval)
        {
            foreach ((int from, int to, int probe) in waiting)
            {
                _mesh.Inject(from, to, probe, ProbeBytes);
            }

            _world.RunFor(ProbeInterval);
            waiting.RemoveAll(pair => _mesh.Oracle.HasArrived(pair.Flow));
        }

        if (waiting.Count > 0)
        {
            throw _world.Violation(
                $"after {RecoveryMax.TotalSeconds} s of calm these pairs deliver nothing: "
                + string.Join(", ", waiting.Select(pair => $"node{pair.From} to node{pair.To}")));
        }
    }

    private void CheckThatNothingIsLeft()
    {
        _world.RunUntil(() => _mesh.Counts is { QueuedOut: 0, HeldIn: 0 } && _mesh.QueuedInDevices == 0, DrainMax);
        _world.RunFor(TimeSpan.FromSeconds(5)); // what is on its way arrives
        NodeCounts counts = _mesh.Counts;
        long inNodes = _mesh.Oracle.Injected - _mesh.LostInDevices - _mesh.QueuedInDevices;
        bool isWhole = inNodes == counts.FromDevice
            && _mesh.Oracle.Delivered == counts.ToDevice
            && counts.SentToPeers >= counts.FromPeers
            && (!_scenario.IsGentle || counts.SentToPeers == counts.FromPeers)
            && counts is { QueuedOut: 0, HeldIn: 0 };
        if (!isWhole)
        {
            throw _world.Violation(
                $"the books don't balance: {_mesh.Oracle.Injected} injected, {_mesh.Oracle.Delivered} delivered, "
                + $"{_mesh.LostInDevices} lost in devices and {_mesh.LostInNodes} in nodes that were killed; {counts}");
        }
    }

    // At rest there is one connection for each lane, and nothing else.
    private void CheckPathsAtRest()
    {
        string? wrong = null;
        for (TimeSpan time = TimeSpan.Zero; time < RestMax; time += ProbeInterval)
        {
            for (int node = 0; node < _scenario.Nodes; node++)
            {
                _mesh.Node(node)!.BeginReport();
            }

            _world.RunFor(ProbeInterval);
            wrong = _scenario.Pairs.Select(pair => DescribeWrongPaths(pair.Low, pair.High)
                ?? DescribeWrongPaths(pair.High, pair.Low)).FirstOrDefault(text => text is not null);
            if (wrong is null)
            {
                return;
            }
        }

        throw _world.Violation($"after {RestMax.TotalSeconds} s of rest {wrong}");
    }

    private string? DescribeWrongPaths(int from, int to)
    {
        int lanes = _mesh.LanesBetween(from, to);
        int ready = _mesh.Node(from)!.ReadyPaths(to);
        return ready == lanes ? null : $"node{from} has {ready} connections to node{to}, of {lanes} lanes";
    }

    private void CheckUntouchedFlows()
    {
        PathConditions way = _scenario.Conditions;
        foreach (FlowPlan flow in _scenario.Flows.Where(flow => flow.IsAlone))
        {
            long turns = 2 + (flow.BurstBytes / _scenario.BytesUnderWayMax(flow.To));
            TimeSpan timeMax = UntouchedMax + (turns * way.RoundTripMax)
                + TimeSpan.FromSeconds(2.0 * flow.BurstBytes / way.BytesPerSecond);
            int missing = _mesh.Oracle.CountMissing(flow.Flow);
            TimeSpan slowest = _mesh.Oracle.SlowestOf(flow.Flow);
            if ((missing > 0 && flow.MustArrive) || slowest > timeMax)
            {
                throw _world.Violation(
                    $"nothing touched its nodes, yet {missing} packets are missing and the slowest took "
                    + $"{slowest.TotalMilliseconds} ms, of at most {timeMax.TotalMilliseconds}: {flow}; "
                    + $"node{flow.From} dropped {_mesh.Node(flow.From)?.Drops}");
            }
        }
    }
}

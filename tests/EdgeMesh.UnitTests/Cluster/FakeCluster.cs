using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.Cluster;
using EdgeMesh.Cluster.Shards;
using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.UnitTests.Cluster;

/// <summary>ConfigMaps of a namespace, a writer, and the time that it knows.</summary>
internal sealed class FakeCluster
{
    internal const string Id = "6d7c3c66-0b5e-4a4c-9d6c-0a4f6ed1f6c1";
    internal const ulong Start = 1_800_000_000;

    private readonly Dictionary<string, ClusterObject> _objects = new(StringComparer.Ordinal);

    internal FakeCluster() => Writer = ShardWriter.Resume(Id, []);

    internal ShardWriter Writer { get; private set; }

    internal TimeSpan Uptime { get; set; } = TimeSpan.FromSeconds(5);

    internal DateTimeOffset Wall => DateTimeOffset.FromUnixTimeSeconds((long)Start) + Uptime;

    internal IReadOnlyList<ClusterObject> Objects => [.. _objects.Values];

    internal int Writes { get; private set; }

    internal ShardPlan? Plan(MeshDocument content, ulong floor = 0) => Writer.Plan(content, floor, Wall, Uptime);

    /// <summary>Writes everything of a plan, or only its first writes, after which the writer is gone.</summary>
    internal void Write(ShardPlan plan, int? cutAfter = null)
    {
        foreach (ClusterObject write in plan.Writes.Take(cutAfter ?? plan.Writes.Count))
        {
            Put(write);
            Writes++;
        }

        if (cutAfter is null)
        {
            Writer.Confirm(plan, Uptime);
        }
        else
        {
            Restart();
        }
    }

    internal ShardPlan? Publish(MeshDocument content, ulong floor = 0)
    {
        ShardPlan? plan = Plan(content, floor);
        if (plan is not null)
        {
            Write(plan);
        }

        return plan;
    }

    internal void Restart() => Writer = ShardWriter.Resume(Id, Objects);

    internal void Put(ClusterObject changed) => _objects[changed.Name] = changed;

    internal void Remove(string name) => _objects.Remove(name);

    internal ShardReader Read(MeshDocument? inForce = null)
    {
        var reader = new ShardReader(inForce);
        foreach (ClusterObject known in _objects.Values)
        {
            reader.Handle(known);
        }

        return reader;
    }
}

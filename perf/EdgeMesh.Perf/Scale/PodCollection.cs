using System;
using System.Buffers;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using EdgeMesh.Perf.Scale.Api;

namespace EdgeMesh.Perf.Scale;

/// <summary>The simulation's pods, and how they come and go.</summary>
internal sealed class PodCollection : ApiCollection
{
    private readonly ScalePlan _plan;
    private readonly VersionCounter _versions;
    private readonly Random _random;
    private readonly List<SimulatedPod?> _slots = [];
    private readonly Stack<int> _emptySlots = new();
    private readonly List<uint>[] _free; // by site
    private readonly List<PodCreation> _creations = [];
    private int _serial;

    /// <summary>Fills the cluster.</summary>
    public PodCollection(ScalePlan plan, VersionCounter versions)
    {
        _plan = plan;
        _versions = versions;
        _random = new Random(plan.Seed);
        _free = new List<uint>[plan.Sites];
        for (int site = 0; site < plan.Sites; site++)
        {
            _free[site] = [];
            for (uint i = ScalePlan.ReservedAddresses; i < plan.SiteAddresses; i++)
            {
                _free[site].Add(plan.SiteFirstAddress(site) + i);
            }
        }

        for (int i = 0; i < plan.Pods; i++)
        {
            int node = i % plan.Nodes;
            _slots.Add(new SimulatedPod(_serial++, node, TakeAddress(node)) { Version = versions.Next() });
        }
    }

    /// <inheritdoc/>
    public override string Kind => "Pod";

    /// <inheritdoc/>
    public override string ApiVersion => "v1";

    /// <summary>The pods that came since the start, in order.</summary>
    public IReadOnlyList<PodCreation> Creations => _creations;

    /// <summary>
    /// A random pod begins to end, and one comes on the same node's site, without an address yet.
    /// </summary>
    /// <returns>Both slots, for <see cref="Finish"/>.</returns>
    public (int Ending, int Coming) Begin()
    {
        int ending;
        do
        {
            ending = _random.Next(_slots.Count);
        }
        while (_slots[ending] is not { IsEnding: false, Phase: "Running" });

        Set(ending, _slots[ending]! with { IsEnding = true }, "MODIFIED");

        // The next pod of the ending one's site: pods of a site share a segment that is half full.
        int site = ScalePlan.SiteOf(_slots[ending]!.Node);
        int first = site * ScalePlan.NodesPerSite;
        int node = first + _random.Next(Math.Min(ScalePlan.NodesPerSite, _plan.Nodes - first));
        if (!_emptySlots.TryPop(out int coming))
        {
            coming = _slots.Count;
            _slots.Add(null);
        }

        Set(coming, new SimulatedPod(_serial++, node, TakeAddress(node)) { Phase = "Pending" }, "ADDED");
        return (ending, coming);
    }

    /// <summary>The one that ends is gone, and the one that comes runs and has its address.</summary>
    public void Finish((int Ending, int Coming) slots)
    {
        SimulatedPod ended = _slots[slots.Ending]! with { Version = _versions.Next() };
        Append("DELETED", ended);
        _slots[slots.Ending] = null;
        _emptySlots.Push(slots.Ending);
        _free[ScalePlan.SiteOf(ended.Node)].Add(ended.Address);
        SimulatedPod come = _slots[slots.Coming]!;
        _creations.Add(new PodCreation(come.Node, come.Address, Stopwatch.GetTimestamp()));
        Set(slots.Coming, come with { Phase = "Running" }, "MODIFIED");
    }

    /// <inheritdoc/>
    public override void List(ObjectSelector selector, string from, ListPage page)
    {
        int slot = int.TryParse(from, NumberStyles.None, CultureInfo.InvariantCulture, out int start) ? start : 0;
        for (; slot < _slots.Count; slot++)
        {
            if (_slots[slot] is not { } pod || !selector.Matches(pod.Facts))
            {
                continue;
            }

            if (page.IsFull)
            {
                page.Continue = slot.ToString(CultureInfo.InvariantCulture);
                return;
            }

            PodJson.Write(pod, page.Next());
        }
    }

    /// <inheritdoc/>
    public override byte[]? Get(string ns, string name)
    {
        SimulatedPod? pod = _slots.Find(pod => pod is not null && pod.Name == name && pod.Namespace == ns);
        return pod is null ? null : Json(pod);
    }

    private uint TakeAddress(int node)
    {
        List<uint> free = _free[ScalePlan.SiteOf(node)];
        int at = _random.Next(free.Count);
        uint address = free[at];
        free[at] = free[^1];
        free.RemoveAt(free.Count - 1);
        return address;
    }

    private void Set(int slot, SimulatedPod pod, string type)
    {
        _slots[slot] = pod with { Version = _versions.Next() };
        Append(type, _slots[slot]!);
    }

    private void Append(string type, SimulatedPod pod) => Log.Append(type, pod.Facts, pod.Version, Json(pod));

    private static byte[] Json(SimulatedPod pod)
    {
        var json = new ArrayBufferWriter<byte>(4096);
        PodJson.Write(pod, json);
        return json.WrittenSpan.ToArray();
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using EdgeMesh.Kubernetes.Objects;

namespace EdgeMesh.Cli;

/// <summary>What is wrong with the addresses of pods and the prefixes of nodes. A function of what was read.</summary>
internal sealed class AddressJudgement
{
    private const int BlockBits4 = 24;
    private const int BlockBits6 = 64;

    // What runtimes hand out on each node by itself: containerd's and podman's default, which KubeEdge's install.sh
    // writes, and Docker's.
    private static readonly IPNetwork[] DefaultRanges =
        [IPNetwork.Parse("10.88.0.0/16"), IPNetwork.Parse("172.17.0.0/16")];

    private readonly AddressSet _entries;
    private readonly List<PodSighting> _pods;
    private readonly List<Finding> _findings = [];
    private readonly List<PodSighting> _toRecreate = [];
    private readonly HashSet<IPNetwork> _duplicateRanges = [];

    private AddressJudgement(IEnumerable<IPNetwork> entries, IEnumerable<KubePod> pods)
    {
        _entries = new AddressSet(entries);
        _pods = [.. PodSighting.Of(pods)];
    }

    /// <summary>Judges.</summary>
    /// <param name="entries">The network segments of the mesh; none: it is off.</param>
    /// <param name="nodes">The nodes.</param>
    /// <param name="pods">All pods.</param>
    /// <returns>What is wrong, and the pods that have to be made again once it is mended.</returns>
    public static (IReadOnlyList<Finding> Findings, IReadOnlyList<PodSighting> ToRecreate) Of(
        IEnumerable<IPNetwork> entries, IEnumerable<KubeNode> nodes, IEnumerable<KubePod> pods)
    {
        var judgement = new AddressJudgement(entries, pods);
        judgement.FindOverlaps(nodes);
        if (!judgement._entries.IsEmpty)
        {
            judgement.FindDuplicates();
            judgement.FindOutside();
        }

        return (judgement._findings, judgement._toRecreate);
    }

    private void FindOverlaps(IEnumerable<KubeNode> nodes)
    {
        List<(IPNetwork Prefix, string Node)> prefixes =
        [
            .. from node in nodes
               from text in node.Spec?.PodCidrs ?? [node.Spec?.PodCidr ?? ""]
               where IPNetwork.TryParse(text, out _)
               let prefix = IPNetwork.Parse(text)
               orderby Convert.ToHexString(prefix.BaseAddress.GetAddressBytes()), prefix.PrefixLength
               select (prefix, node.Metadata.Name),
        ];

        // In order of addresses a prefix overlaps those after it until one begins behind its end: prefixes nest or are
        // apart, so a stack of what is open is enough.
        var open = new Stack<(IPNetwork Prefix, string Node)>();
        foreach ((IPNetwork Prefix, string Node) next in prefixes)
        {
            while (open.TryPeek(out (IPNetwork Prefix, string Node) outer)
                && !AddressSet.Overlap(outer.Prefix, next.Prefix))
            {
                open.Pop();
            }

            foreach ((IPNetwork prefix, string node) in open.Where(outer => outer.Node != next.Node))
            {
                _findings.Add(new Finding(
                    FindingCode.OverlappingPrefixes, [node, next.Node],
                    $"podCIDR {prefix} of {node} overlaps {next.Prefix} of {next.Node}: neither is routed",
                    "give each node a podCIDR of its own; it can't be changed in place, so remove one Node and let it "
                    + "register again"));
            }

            open.Push(next);
        }
    }

    private void FindDuplicates()
    {
        List<List<PodSighting>> shared =
        [
            .. _pods.GroupBy(pod => pod.Address)
                .Where(same => same.Select(pod => pod.Node).Distinct(StringComparer.Ordinal).Skip(1).Any())
                .Select(same => same.ToList()),
        ];
        foreach (IGrouping<IPNetwork, PodSighting> range in _pods.GroupBy(pod => RangeOf(pod.Address)))
        {
            bool isDefault = DefaultRanges.Contains(range.Key);
            string[] nodes =
                [.. range.Select(pod => pod.Node).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
            if (nodes.Length < 2 || (!isDefault && range.Any(pod => _entries.Covers(pod.Address))))
            {
                continue;
            }

            if (!isDefault && !shared.Exists(same => range.Key.Contains(same[0].Address)))
            {
                continue; // parts of one range at several nodes, each address once: Calico's blocks
            }

            _duplicateRanges.Add(range.Key);
            _toRecreate.AddRange(range);
            _findings.Add(new Finding(
                FindingCode.DuplicateRange, nodes,
                $"the CNI of {nodes.Length} nodes hands out {range.Key}, each by itself"
                + (isDefault ? " (the runtime's default, as KubeEdge's install script writes it)" : "")
                + ": these pods' addresses name several pods, and can't be reached from other nodes",
                "let one IPAM hand out addresses for all nodes (SpiderPool), then recreate these pods"));
        }

        FindSharedAddresses(shared.Where(same => !_duplicateRanges.Contains(RangeOf(same[0].Address))));
    }

    // A finding for each group of nodes: two nodes with one wrong configuration may share hundreds.
    private void FindSharedAddresses(IEnumerable<List<PodSighting>> shared)
    {
        foreach (IGrouping<string, List<PodSighting>> group in shared.GroupBy(same => string.Join(
            ", ", same.Select(pod => pod.Node).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))))
        {
            List<PodSighting> first = group.First();
            int count = group.Count();
            _toRecreate.AddRange(group.SelectMany(same => same));
            _findings.Add(new Finding(
                FindingCode.DuplicateAddress,
                group.Key.Split(", "),
                $"{first[0].Address} belongs to {string.Join(" and ", first.Select(pod => $"{pod.Pod} on {pod.Node}"))}"
                + (count > 1 ? $", and {count - 1} more addresses are shared by these nodes" : "")
                + ": they are routed to neither",
                "delete one pod of each pair; if new ones get shared addresses too, the nodes' IPAM is at fault"));
        }
    }

    private void FindOutside()
    {
        ILookup<string, PodSighting> inside = _pods
            .Where(pod => _entries.Covers(pod.Address)).ToLookup(pod => pod.Node, StringComparer.Ordinal);
        foreach (IGrouping<string, PodSighting> outside in _pods
            .Where(pod => !_entries.Covers(pod.Address) && !_duplicateRanges.Contains(RangeOf(pod.Address)))
            .GroupBy(pod => pod.Node, StringComparer.Ordinal))
        {
            // A newer pod of the node is inside: so the older ones are from before the CNI was set up.
            PodSighting[] old =
            [
                .. outside.Where(pod => inside[outside.Key].Any(other => other.Created > pod.Created)),
            ];
            _toRecreate.AddRange(old);
            PodSighting first = outside.First();
            int others = outside.Count() - 1;
            _findings.Add(new Finding(
                FindingCode.AddressOutside, [outside.Key],
                $"{first.Address} of {first.Pod}{(others > 0 ? $" and {others} more" : "")} on {outside.Key} "
                + "lies in no entry of cloudCIDR or edgeCIDR: other sites can't reach it",
                old.Length == others + 1
                    ? "recreate these pods: newer ones of the node have addresses inside"
                    : "add the range to agent.cloudCIDR or agent.edgeCIDR, if it is the node's alone"));
        }
    }

    private static IPNetwork RangeOf(IPAddress address)
    {
        foreach (IPNetwork range in DefaultRanges)
        {
            if (range.Contains(address))
            {
                return range;
            }
        }

        return AddressSet.Network(
            address,
            address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? BlockBits4 : BlockBits6);
    }
}

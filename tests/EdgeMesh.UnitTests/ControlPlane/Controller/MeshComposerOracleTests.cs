using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using CsCheck;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.ControlPlane.Controller.Composition;
using Xunit;

namespace EdgeMesh.UnitTests.ControlPlane.Controller;

/// <summary>The composer against the definition itself, said for each single address.</summary>
public sealed class MeshComposerOracleTests
{
    private static readonly string[] Names = ["a", "b", "c", "d"];

    private static readonly string[] Entries = ["10.0.0.0/26", "10.0.0.64/27", "10.0.0.128/25", "fd00::/123"];

    private static readonly string[] Cidrs =
        ["10.0.0.0/28", "10.0.0.16/28", "10.0.0.0/27", "10.0.0.64/28", "10.0.0.96/28", "10.0.0.64/26", "fd00::/124"];

    private static readonly PodAddress[] Space =
    [
        .. Enumerable.Range(0, 256).Select(static i => ComposedCluster.Address(
            "10.0.0." + i.ToString(CultureInfo.InvariantCulture))),
        .. Enumerable.Range(0, 64).Select(static i => ComposedCluster.Address(
            "fd00::" + i.ToString("x", CultureInfo.InvariantCulture))),
    ];

    private static readonly Gen<(int Kind, int One, int Two, int Three)> Step =
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 39], Gen.Int[0, 3], Gen.Int[0, Space.Length - 1]);

    [Fact]
    public void Each_address_is_whose_the_definition_says_after_any_events_in_any_order() =>
        Step.Array[1, 120].Sample(steps =>
        {
            var state = new State();
            ComposedCluster cluster = new();
            foreach ((int kind, int one, int two, int three) in steps)
            {
                state.Take(cluster, kind, one, two, three);
                if (kind == 9)
                {
                    cluster.Compose();
                }
            }

            MeshDocument document = cluster.Compose().Document!;
            foreach (PodAddress address in Space)
            {
                Assert.Equal(state.OwnerOf(address), LongestMatch(document, address));
            }

            ComposedCluster fresh = new();
            state.Feed(fresh);
            Assert.Equal(fresh.Compose().Document, document);
        }, iter: 2_000);

    [Fact]
    public void Cover_is_exact_and_of_the_fewest_prefixes() =>
        Gen.Int[0, Space.Length - 1].HashSet[0, 80].Sample(chosen =>
        {
            IReadOnlyList<IpPrefix> cover = PrefixCover.Of([.. chosen.Select(i => Space[i])]);
            foreach ((PodAddress address, int i) in Space.Select(static (address, i) => (address, i)))
            {
                int covering = cover.Count(prefix => Covers(prefix, address));
                Assert.Equal(chosen.Contains(i) ? 1 : 0, covering);
            }

            // The fewest: no two of them are the halves of one prefix.
            foreach (IpPrefix prefix in cover)
            {
                Assert.DoesNotContain(cover, other => !ReferenceEquals(other, prefix) && other.Length == prefix.Length
                    && ParentOf(other).Equals(ParentOf(prefix)));
            }
        }, iter: 2_000);

    private static PodAddress ParentOf(IpPrefix prefix) =>
        PodAddress.Of(prefix.Address.Span).First((int)prefix.Length - 1);

    private static string LongestMatch(MeshDocument document, PodAddress address) => document.Nodes
        .SelectMany(static node => node.Prefixes.Select(prefix => (node.Name, Prefix: prefix)))
        .Where(route => Covers(route.Prefix, address))
        .OrderByDescending(static route => route.Prefix.Length).Select(static route => route.Name).FirstOrDefault("");

    private static bool Covers(IpPrefix prefix, PodAddress address)
    {
        Span<byte> whole = stackalloc byte[16];
        return IpPrefixes.Covers(prefix, address.Write(whole));
    }

    private sealed class State
    {
        private readonly Dictionary<string, PodFacts> _pods = [];
        private readonly Dictionary<string, string[]> _nodes = [];
        private readonly HashSet<string> _trusted = [];
        private string[] _entries = [];

        public void Take(ComposedCluster cluster, int kind, int one, int two, int three)
        {
            string node = Names[two];
            string pod = one.ToString(CultureInfo.InvariantCulture);
            switch (kind)
            {
                case 0:
                    _nodes[node] = [.. Cidrs.Where((_, i) => ((one >> (i % 5)) & 1) == 1 && i % 4 == two)];
                    SetNode(cluster, node);
                    break;
                case 1 when one % 4 == 0:
                    _nodes.Remove(node);
                    cluster.Composer.RemoveNode(node);
                    break;
                case 2:
                    _entries = [.. Entries.Where((_, i) => ((three >> i) & 1) == 1)];
                    cluster.Settings(_entries);
                    break;
                case 3:
                    _pods.Remove(pod);
                    cluster.Composer.SetPod(pod, null);
                    break;
                case 4:
                    _trusted.Add(node);
                    Trust(cluster, node);
                    break;
                default:
                    PodAddress other = Space[(three * 7) % Space.Length];
                    _pods[pod] = new PodFacts(
                        node, one % 3 == 0 ? [Space[three], other] : [Space[three]], IsEnding: kind == 5);
                    cluster.Composer.SetPod(pod, _pods[pod]);
                    break;
            }
        }

        public void Feed(ComposedCluster cluster)
        {
            foreach (string node in _trusted)
            {
                Trust(cluster, node);
            }

            foreach ((string key, PodFacts pod) in _pods.Reverse())
            {
                cluster.Composer.SetPod(key, pod);
            }

            foreach (string node in _nodes.Keys.Reverse())
            {
                SetNode(cluster, node);
            }

            cluster.Settings(_entries);
        }

        public string OwnerOf(PodAddress address)
        {
            if (!IsInEntry(address))
            {
                return "";
            }

            string[] claimants = [.. ClaimantsOf(address, static _ => true)];
            string[] live = [.. ClaimantsOf(address, static pod => !pod.IsEnding)];
            string owner = claimants.Length switch
            {
                0 => Names.FirstOrDefault(
                    node => CidrsOf(node).Any(cidr => Covers(cidr, address) && IsUsable(node, cidr)), ""),
                1 => claimants[0],
                _ => live.Length == 1 ? live[0] : "",
            };
            return _nodes.ContainsKey(owner) && _trusted.Contains(owner) ? owner : "";
        }

        private static void Trust(ComposedCluster cluster, string node) =>
            cluster.Composer.Trust.SetRecord(node, new KeyRecord(ComposedCluster.KeyOf(node), null));

        private void SetNode(ComposedCluster cluster, string node) =>
            cluster.Composer.SetNode(node, [.. _nodes[node].Select(ComposedCluster.Prefix)]);

        private bool IsInEntry(PodAddress address) =>
            _entries.Any(entry => Covers(ComposedCluster.Prefix(entry), address));

        private IEnumerable<IpPrefix> CidrsOf(string node) =>
            (_nodes.GetValueOrDefault(node) ?? []).Select(ComposedCluster.Prefix)
                .Where(cidr => _entries.Any(entry => IpPrefixes.Contains(ComposedCluster.Prefix(entry), cidr)));

        private bool IsUsable(string node, IpPrefix cidr) =>
            !Names.Any(other => other != node && CidrsOf(other).Any(theirs => IpPrefixes.Overlap(theirs, cidr)))
            && !_pods.Values.Any(pod => pod.Node != node && pod.Addresses.Any(address => Covers(cidr, address)));

        private IEnumerable<string> ClaimantsOf(PodAddress address, Func<PodFacts, bool> counts) => _pods.Values
            .Where(pod => counts(pod) && pod.Addresses.Contains(address)).Select(static pod => pod.Node).Distinct();
    }
}

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using EdgeMesh.Addresses;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.ControlPlane.Controller.Composition;
using EdgeMesh.ControlPlane.DesiredState;
using EdgeMesh.Libp2p.Identity;
using Xunit;

namespace EdgeMesh.UnitTests.ControlPlane.Controller;

/// <summary>A cluster in a few words, and what the composer makes of it.</summary>
internal sealed class ComposedCluster
{
    private static readonly Dictionary<string, PeerId> Keys = new(StringComparer.Ordinal);
    private int _objects;

    public MeshComposer Composer { get; } = new();

    /// <summary>The same key for the same name, in all tests.</summary>
    public static PeerId KeyOf(string name)
    {
        lock (Keys)
        {
            if (!Keys.TryGetValue(name, out PeerId? key))
            {
                using KeyPair pair = KeyPair.Generate();
                Keys[name] = key = pair.PeerId;
            }

            return key;
        }
    }

    public static IpPrefix Prefix(string text)
    {
        Assert.True(IpPrefixes.TryParse(text, out IpPrefix? prefix, out string? error), error);
        return prefix;
    }

    public static PodAddress Address(string text)
    {
        Assert.True(PodAddress.TryParse(text, out PodAddress address), text);
        return address;
    }

    public ComposedCluster Settings(
        string[] cloud, string[]? edge = null, TrustMode trust = TrustMode.Pin, params RelayNode[] relays)
    {
        Composer.SetSettings(new ControllerSettings
        {
            CloudCidr = [.. cloud.Select(Prefix)],
            EdgeCidr = [.. (edge ?? []).Select(Prefix)],
            Trust = trust,
            Relays = relays,
        });
        return this;
    }

    /// <summary>A node of the cluster whose key is trusted.</summary>
    public ComposedCluster Node(string name, params string[] podCidrs)
    {
        Composer.SetNode(name, [.. podCidrs.Select(Prefix)]);
        Composer.Trust.SetRecord(name, new KeyRecord(KeyOf(name), null));
        return this;
    }

    /// <summary>A pod of a node, by its first address as the key.</summary>
    public ComposedCluster Pod(string node, params string[] addresses) =>
        NamedPod(addresses[0], node, addresses);

    public ComposedCluster NamedPod(string key, string node, params string[] addresses)
    {
        Composer.SetPod(key, new PodFacts(node, [.. addresses.Select(Address)], IsEnding: false));
        return this;
    }

    public ComposedCluster Ending(string key, string node, params string[] addresses)
    {
        Composer.SetPod(key, new PodFacts(node, [.. addresses.Select(Address)], IsEnding: true));
        return this;
    }

    /// <summary>A publication; each is newer than those before.</summary>
    /// <returns>The object's name.</returns>
    public string Publish(string node, string key, params string[] addresses)
    {
        string name = "edgemesh-node-" + (++_objects).ToString(CultureInfo.InvariantCulture);
        Composer.Trust.Set(new SeenPublication(
            name, node, KeyOf(key), addresses, 0,
            new PublicationAge(DateTimeOffset.UnixEpoch, (ulong)_objects, name)));
        return name;
    }

    /// <summary>Composes, and keeps what is wanted of keys, as the cluster would.</summary>
    public ComposedMesh ComposeAndKeep()
    {
        ComposedMesh first = Composer.Compose();
        foreach ((string node, KeyRecord record) in first.Trust)
        {
            Composer.Trust.SetRecord(node, record);
        }

        return Composer.Compose();
    }

    /// <summary>Composes, and checks what must hold of each document.</summary>
    public ComposedMesh Compose()
    {
        ComposedMesh composed = Composer.Compose();
        Assert.NotNull(composed.Document);
        Assert.Empty(MeshRules.JudgeAll(composed.Document));
        Assert.True(MeshDocuments.IsCanonical(composed.Document));
        return composed;
    }

    /// <summary>The prefixes of a node; empty if it is not in the mesh.</summary>
    public string[] PrefixesOf(string node) =>
    [
        .. Compose().Document!.Nodes.Where(one => one.Name == node)
            .SelectMany(static one => one.Prefixes).Select(IpPrefixes.Format),
    ];

    /// <summary>What is wrong, as reason and node.</summary>
    public string[] Findings() =>
    [
        .. Compose().Findings.Select(static finding => $"{finding.Reason} {finding.Node}")
            .Order(StringComparer.Ordinal),
    ];
}

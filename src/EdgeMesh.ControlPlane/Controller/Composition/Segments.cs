using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.ControlPlane.DesiredState;

namespace EdgeMesh.ControlPlane.Controller.Composition;

/// <summary>The entries of cloudCIDR and edgeCIDR, by address.</summary>
internal sealed class Segments
{
    private readonly PrefixSet<bool> _entries = new();

    internal Segments(IReadOnlyList<IpPrefix> cloud, IReadOnlyList<IpPrefix> edge)
    {
        foreach (IpPrefix entry in cloud.Concat(edge))
        {
            _entries.TryAdd(entry, true, out _);
        }

        IsEmpty = cloud.Count + edge.Count == 0;
    }

    /// <summary>Are there no entries, so that the mesh carries nothing?</summary>
    internal bool IsEmpty { get; }

    /// <summary>Does an entry cover the address?</summary>
    internal bool Cover(PodAddress address)
    {
        Span<byte> whole = stackalloc byte[16];
        return _entries.TryFind(address.Write(whole), address.BitCount, out _, out _);
    }

    /// <summary>Does an entry cover the whole prefix?</summary>
    internal bool Cover(IpPrefix prefix) =>
        _entries.TryFind(prefix.Address.Span, (int)prefix.Length, out _, out _);
}

using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;

namespace EdgeMesh.ControlPlane.Controller.Composition;

/// <summary>Which nodes' pods have which address.</summary>
/// <remarks>
/// An address belongs to a node if only this node's pods have it. A pod that is being deleted gives way to one that is
/// not: its sandbox is gone before IPAM gives its address away, and its object goes a little later.
/// </remarks>
internal sealed class AddressClaims
{
    private readonly Dictionary<PodAddress, AddressClaim> _first = [];
    private readonly Dictionary<PodAddress, List<AddressClaim>> _others = []; // the second and later ones: a rarity

    /// <summary>Counts a pod in or out.</summary>
    /// <param name="address">Its address.</param>
    /// <param name="node">Its node.</param>
    /// <param name="isEnding">Is it being deleted?</param>
    /// <param name="delta">1 or -1.</param>
    /// <returns>Is it the node's first pod with the address, or was it the last?</returns>
    internal bool Change(PodAddress address, ClusterNode node, bool isEnding, int delta)
    {
        AddressClaim step = new(node, isEnding ? 0 : delta, isEnding ? delta : 0);
        if (!_first.TryGetValue(address, out AddressClaim first))
        {
            Debug.Assert(delta > 0, "a pod left that never came");
            _first[address] = step;
            return true;
        }

        if (first.Node == node)
        {
            AddressClaim sum = Sum(first, step);
            if (sum is { Live: 0, Ending: 0 })
            {
                Promote(address);
                return true;
            }

            _first[address] = sum;
            return false;
        }

        return ChangeOthers(address, step);
    }

    /// <summary>All nodes whose pods have the address.</summary>
    internal IEnumerable<AddressClaim> Of(PodAddress address)
    {
        if (!_first.TryGetValue(address, out AddressClaim first))
        {
            return [];
        }

        return _others.TryGetValue(address, out List<AddressClaim>? others) ? others.Prepend(first) : [first];
    }

    /// <summary>Finds whose the address is.</summary>
    /// <param name="address">An address that at least one pod has.</param>
    /// <param name="owner">The node; null if more than one has as good a claim.</param>
    /// <returns>True if there is one owner.</returns>
    internal bool TryFindOwner(PodAddress address, out ClusterNode? owner)
    {
        owner = null;
        if (!_others.ContainsKey(address))
        {
            owner = _first.TryGetValue(address, out AddressClaim only) ? only.Node : null;
            return owner is not null;
        }

        AddressClaim[] claims = [.. Of(address)];
        AddressClaim[] live = [.. claims.Where(static claim => claim.Live > 0)];
        owner = live.Length == 1 ? live[0].Node : null;
        return owner is not null;
    }

    private static AddressClaim Sum(AddressClaim one, AddressClaim step) =>
        one with { Live = one.Live + step.Live, Ending = one.Ending + step.Ending };

    private void Promote(PodAddress address)
    {
        if (!_others.TryGetValue(address, out List<AddressClaim>? others))
        {
            _first.Remove(address);
            return;
        }

        _first[address] = others[0];
        others.RemoveAt(0);
        if (others.Count == 0)
        {
            _others.Remove(address);
        }
    }

    private bool ChangeOthers(PodAddress address, AddressClaim step)
    {
        if (!_others.TryGetValue(address, out List<AddressClaim>? others))
        {
            others = [];
            _others[address] = others;
        }

        int index = others.FindIndex(claim => claim.Node == step.Node);
        if (index < 0)
        {
            others.Add(step);
            return true;
        }

        AddressClaim sum = Sum(others[index], step);
        if (sum is not { Live: 0, Ending: 0 })
        {
            others[index] = sum;
            return false;
        }

        others.RemoveAt(index);
        if (others.Count == 0)
        {
            _others.Remove(address);
        }

        return true;
    }
}

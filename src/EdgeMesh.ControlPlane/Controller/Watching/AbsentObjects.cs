using System.Collections.Generic;

namespace EdgeMesh.ControlPlane.Controller.Watching;

/// <summary>Objects whose absence is to be proven, and those of which it is. Whoever calls holds the lock.</summary>
internal sealed class AbsentObjects
{
    private readonly HashSet<AbsentObject> _asked = [];
    private readonly HashSet<AbsentObject> _proven = [];

    /// <summary>Objects to ask the API about.</summary>
    internal IReadOnlyList<AbsentObject> Asked => [.. _asked];

    /// <summary>Is the object's absence to be proven?</summary>
    internal bool IsAsked(AbsentObject absent) => _asked.Contains(absent);

    /// <summary>Is the object's absence proven?</summary>
    internal bool IsProven(AbsentObject absent) => _proven.Contains(absent);

    /// <summary>It seems to be gone.</summary>
    internal void Add(AbsentObject absent)
    {
        if (!_proven.Contains(absent))
        {
            _asked.Add(absent);
        }
    }

    /// <summary>It is there.</summary>
    internal void Remove(AbsentObject absent)
    {
        _asked.Remove(absent);
        _proven.Remove(absent);
    }

    /// <summary>It is gone.</summary>
    internal void Prove(AbsentObject absent)
    {
        _asked.Remove(absent);
        _proven.Add(absent); // until the reflector tells it Missing once more, to forget it
    }

    /// <summary>Is its absence proven? Then the proof has served, but for nodes: publications may speak of them.
    /// </summary>
    internal bool Take(AbsentObject absent) =>
        absent.What == "nodes" ? _proven.Contains(absent) : _proven.Remove(absent);

    /// <summary>Forgets proofs about nodes that nothing speaks of any more.</summary>
    internal void KeepNodes(IEnumerable<string> names)
    {
        HashSet<string> kept = [.. names];
        _proven.RemoveWhere(absent => absent.What == "nodes" && !kept.Contains(absent.Key));
    }
}

using System;
using System.Collections.Generic;

namespace EdgeMesh.Kubernetes.Watching;

/// <summary>Which objects were told, and in which version.</summary>
internal sealed class KnownObjects
{
    private readonly Dictionary<string, Known> _known = new(StringComparer.Ordinal);
    private int _list; // number of the list that is being read

    /// <summary>A list begins: what it does not hold is missing in it.</summary>
    internal void BeginList() => _list = unchecked(_list + 1);

    /// <summary>An object is there.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="version">Its resourceVersion, or null if that is not known.</param>
    /// <returns>Was it told before in this version?</returns>
    internal bool See(string key, string? version)
    {
        bool isSame = version is not null && _known.TryGetValue(key, out Known known) && known.Version == version;
        _known[key] = new Known(version, _list);
        return isSame;
    }

    /// <summary>An object that could not be read is there all the same.</summary>
    internal void SeeUnread(string key)
    {
        if (_known.ContainsKey(key))
        {
            See(key, version: null);
        }
    }

    internal void Forget(string key) => _known.Remove(key);

    /// <summary>What was told once and is not in the list that has just ended.</summary>
    internal List<string> FindMissing()
    {
        var missing = new List<string>();
        foreach ((string key, Known known) in _known)
        {
            if (known.List != _list)
            {
                missing.Add(key);
            }
        }

        return missing;
    }

    private readonly record struct Known(string? Version, int List);
}

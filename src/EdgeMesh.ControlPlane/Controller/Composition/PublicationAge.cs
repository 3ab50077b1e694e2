using System;
using System.Collections.Generic;

namespace EdgeMesh.ControlPlane.Controller.Composition;

/// <summary>Orders publications by when their objects were made.</summary>
/// <param name="Created">The API server's clock, whole seconds.</param>
/// <param name="Version">The object's version, which grows with each write to the cluster; 0: it is no number.</param>
/// <param name="Name">The object's name: any order is better than none.</param>
internal readonly record struct PublicationAge(DateTimeOffset Created, ulong Version, string Name)
{
    /// <summary>The oldest first.</summary>
    internal static IComparer<PublicationAge> Order { get; } =
        Comparer<PublicationAge>.Create(static (one, other) => one.CompareTo(other));

    /// <summary>Less than 0 if this one is older.</summary>
    internal int CompareTo(PublicationAge other)
    {
        int byTime = Created.CompareTo(other.Created);
        int byVersion = byTime != 0 ? byTime : Version.CompareTo(other.Version);
        return byVersion != 0 ? byVersion : string.CompareOrdinal(Name, other.Name);
    }
}

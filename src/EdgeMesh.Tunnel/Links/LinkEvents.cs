using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading;
using EdgeMesh.Tunnel.Paths;

namespace EdgeMesh.Tunnel.Links;

/// <summary>
/// One counter per <see cref="LinkEvent"/> and <see cref="PathEnding"/>. The links write, any thread reads.
/// </summary>
public sealed class LinkEvents
{
    private static readonly string[] Labels =
        [.. Enum.GetNames<LinkEvent>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];

    private readonly long[] _events = new long[Labels.Length];
    private readonly long[] _endings = new long[PathEndings.Count];

    /// <summary>Counts one.</summary>
    internal void Add(LinkEvent what) => Interlocked.Increment(ref _events[(int)what]);

    /// <summary>Counts one.</summary>
    internal void Add(PathEnding ending) => Interlocked.Increment(ref _endings[(int)ending]);

    /// <summary>How many there were so far.</summary>
    internal long CountOf(PathEnding ending) => Interlocked.Read(ref _endings[(int)ending]);

    /// <summary>Label and count of each event and ending.</summary>
    public IEnumerable<KeyValuePair<string, long>> Snapshot() =>
        Labels.Select((label, index) => KeyValuePair.Create(label, Interlocked.Read(ref _events[index])))
            .Concat(Enum.GetValues<PathEnding>().Select(
                ending => KeyValuePair.Create(PathEndings.LabelOf(ending), CountOf(ending))));

    /// <summary>The label of an event: its name in snake_case.</summary>
    internal static string LabelOf(LinkEvent what) => Labels[(int)what];
}

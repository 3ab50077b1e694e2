using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading;

namespace EdgeMesh.Dataplane.Mesh;

/// <summary>
/// One counter per <see cref="ConnectionEvent"/>. Connections come and go on several threads, seldom.
/// </summary>
internal sealed class ConnectionEvents
{
    private static readonly string[] Labels =
        [.. Enum.GetNames<ConnectionEvent>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];

    private readonly long[] _counts = new long[Labels.Length];

    /// <summary>Counts one.</summary>
    public void Add(ConnectionEvent what) => Interlocked.Increment(ref _counts[(int)what]);

    /// <summary>Label and count of each event.</summary>
    public IEnumerable<KeyValuePair<string, long>> Snapshot() =>
        Labels.Select((label, index) => KeyValuePair.Create(label, Interlocked.Read(ref _counts[index])));

    /// <summary>The label of an event: its name in snake_case.</summary>
    public static string LabelOf(ConnectionEvent what) => Labels[(int)what];
}

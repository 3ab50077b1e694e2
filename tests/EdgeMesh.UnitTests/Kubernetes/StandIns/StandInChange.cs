using System.Text.Json.Nodes;

namespace EdgeMesh.UnitTests.Kubernetes.StandIns;

/// <summary>One change of one object.</summary>
/// <param name="Version">The store's version after it.</param>
/// <param name="Kind">Which kind.</param>
/// <param name="Old">Before it; null if it was made. Of a deletion: the last state.</param>
/// <param name="New">After it; null if it was deleted.</param>
internal sealed record StandInChange(long Version, string Kind, JsonObject? Old, JsonObject? New)
{
    /// <summary>Tells a watch, as its selectors see the change.</summary>
    internal void Tell(StandInWatch watch)
    {
        if (watch.Query.Kind != Kind)
        {
            return;
        }

        bool was = Old is not null && watch.Query.Matches(Old);
        bool isNow = New is not null && watch.Query.Matches(New);
        if (isNow)
        {
            watch.Send(was ? "MODIFIED" : "ADDED", New!);
        }
        else if (was)
        {
            watch.Send("DELETED", New ?? Old!);
        }
    }
}

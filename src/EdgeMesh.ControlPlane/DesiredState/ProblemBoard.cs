using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.ControlPlane.DesiredState;

/// <summary>What is wrong now, by the part of the process that found it: for status and publication.</summary>
/// <remarks>Safe from every thread.</remarks>
internal sealed class ProblemBoard
{
    /// <summary>The kernel's reconciler.</summary>
    internal const string Kernel = "kernel";

    /// <summary>The data plane's socket, and what the data plane refuses.</summary>
    internal const string Dataplane = "dataplane";

    /// <summary>The way to the cluster.</summary>
    internal const string Access = "access";

    /// <summary>The directory where shards are mounted.</summary>
    internal const string Directory = "directory";

    /// <summary>The mesh document and its shards.</summary>
    internal const string Mesh = "mesh";

    /// <summary>This node's own publication.</summary>
    internal const string Publication = "publication";

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, string[]> _byPart = new(StringComparer.Ordinal);
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>All problems, and a task that completes when they are others.</summary>
    internal (IReadOnlyList<string> Problems, Task Changed) Read()
    {
        lock (_lock)
        {
            return ([.. _byPart.Values.SelectMany(static problems => problems)], _changed.Task);
        }
    }

    /// <summary>How many problems a part has now.</summary>
    internal int CountOf(string part)
    {
        lock (_lock)
        {
            return _byPart.GetValueOrDefault(part, []).Length;
        }
    }

    /// <summary>States all problems that a part has now.</summary>
    internal void Set(string part, IEnumerable<string> problems)
    {
        string[] now = [.. problems];
        lock (_lock)
        {
            if (!now.AsSpan().SequenceEqual(_byPart.GetValueOrDefault(part, [])))
            {
                _byPart[part] = now;
                _changed.SetResult();
                _changed = NewSignal();
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

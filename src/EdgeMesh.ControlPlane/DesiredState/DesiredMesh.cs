using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.Logging;

namespace EdgeMesh.ControlPlane.DesiredState;

/// <summary>
/// The desired state in force, its generation, and the signal that it has changed. Safe from every thread.
/// </summary>
/// <remarks>
/// A generation grows by one for each accepted change. With a state directory the document and its generation are kept
/// there, so both survive restarts. Without one, counting begins at 1, and <see cref="RaiseAbove"/> lifts it over what
/// the data plane already has.
/// </remarks>
internal sealed class DesiredMesh
{
    private readonly SnapshotFile? _file;
    private readonly StructuredLog _log;
    private readonly Lock _lock = new();
    private MeshDocument? _document; // never changed once it is here
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>Begins with what the state directory has.</summary>
    /// <param name="stateDirectory">Where to keep the document; null: nowhere.</param>
    /// <param name="log">The log.</param>
    internal DesiredMesh(string? stateDirectory, StructuredLog log)
    {
        _log = log;
        if (stateDirectory is null)
        {
            return;
        }

        _file = new SnapshotFile(Path.Combine(stateDirectory, "desired.snapshot"));
        SnapshotLoad load = _file.Load();
        if (load.Fault is not (SnapshotFault.None or SnapshotFault.Missing))
        {
            log.Warn("state_refused", ("problem", load.Message), ("previous_taken", load.IsPrevious));
        }

        _document = load.Document;
    }

    /// <summary>Is the document kept over restarts?</summary>
    internal bool IsKept => _file is not null;

    /// <summary>The document in force, and a task that completes when another one is.</summary>
    internal (MeshDocument? Document, Task Changed) Read()
    {
        lock (_lock)
        {
            return (_document, _changed.Task);
        }
    }

    /// <summary>Takes new content; nothing happens if it is what is in force.</summary>
    /// <param name="content">Canonical and valid; its generation is ignored.</param>
    /// <returns>The document in force, and whether it is new.</returns>
    internal (MeshDocument Document, bool IsNew) Accept(MeshDocument content)
    {
        lock (_lock)
        {
            MeshDocument next = content.Clone();
            next.Generation = _document?.Generation ?? 0;
            if (_document is not null && next.Equals(_document))
            {
                return (_document, false);
            }

            next.Generation++;
            Replace(next);
            return (next, true);
        }
    }

    /// <summary>Lifts the generation over one that the data plane has from elsewhere. The content stays.</summary>
    /// <param name="generation">The data plane's.</param>
    internal void RaiseAbove(ulong generation)
    {
        lock (_lock)
        {
            if (_document is null || _document.Generation > generation)
            {
                return;
            }

            MeshDocument next = _document.Clone();
            next.Generation = generation + 1;
            Replace(next);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Replace(MeshDocument next)
    {
        try
        {
            _file?.Store(next);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What is in memory is in force all the same; after a restart the generation is lifted over the data
            // plane's.
            _log.Error("state_not_kept", ("path", _file!.Path), ("problem", e.Message),
                ("remedy", "free the disk or make --state writable"));
        }

        _document = next;
        _changed.SetResult();
        _changed = NewSignal();
    }
}

using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.Logging;
using EdgeMesh.State;
using Google.Protobuf;

namespace EdgeMesh.ControlPlane.DesiredState;

/// <summary>
/// The desired state in force, its generation, and the signal that it has changed. Safe from every thread; nobody waits
/// for the disk.
/// </summary>
/// <remarks>
/// A generation belongs to the source that counts it. A document that has one is taken if it is newer, or if what is
/// in force is another source's. For a source that doesn't count, this node does: one more for each accepted change.
/// With a state directory the document is kept there, so that its generation survives restarts. Without one, counting
/// begins at 1, and <see cref="RaiseAbove"/> lifts it over what the data plane already has.
/// </remarks>
internal sealed class DesiredMesh : IAsyncDisposable
{
    private readonly StateWriter? _kept;
    private readonly Lock _lock = new();
    private MeshDocument? _document; // never changed once it is here
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>Begins with what the state directory has.</summary>
    /// <param name="stateDirectory">Where to keep the document; null: nowhere.</param>
    /// <param name="log">The log.</param>
    internal DesiredMesh(string? stateDirectory, StructuredLog log)
    {
        if (stateDirectory is null)
        {
            return;
        }

        var file = new StateFile(Path.Combine(stateDirectory, "desired.snapshot"), ControlLimits.MessageBytesMax);
        _document = Load(file, log);

        // What is in memory is in force all the same; after a restart the generation is lifted over the data plane's.
        _kept = new StateWriter(file, e => log.Error("state_not_kept", ("path", file.Path), ("problem", e.Message),
            ("remedy", "free the disk or make --state writable")));
    }

    /// <summary>Is the document kept over restarts?</summary>
    internal bool IsKept => _kept is not null;

    /// <summary>The document in force, and a task that completes when another one is.</summary>
    internal (MeshDocument? Document, Task Changed) Read()
    {
        lock (_lock)
        {
            return (_document, _changed.Task);
        }
    }

    /// <summary>Takes a document; nothing happens if it is what is in force.</summary>
    /// <param name="offered">
    /// Canonical and valid; never changed any more. Without a generation, a copy of it gets one here.
    /// </param>
    internal MeshAcceptance Accept(MeshDocument offered)
    {
        lock (_lock)
        {
            MeshDocument next = offered;
            bool isCounted = offered.Generation == 0;
            bool isSameSource = _document is not null
                && (isCounted ? IsCountedHere(_document) : _document.Source == offered.Source);
            if (isSameSource && (isCounted || offered.Generation == _document!.Generation)
                && HasSameContent(offered, _document!))
            {
                return new MeshAcceptance(_document!, IsNew: false);
            }

            if (isCounted)
            {
                next = offered.Clone();
                next.Source = MeshSources.Node;
                next.Generation = (_document?.Generation ?? 0) + 1;
            }
            else if (isSameSource && offered.Generation <= _document!.Generation)
            {
                return new MeshAcceptance(_document, IsNew: false, Stale(offered.Generation, _document.Generation));
            }

            Replace(next);
            return new MeshAcceptance(next, IsNew: true);
        }
    }

    /// <summary>
    /// Lifts a generation that is counted here over one that the data plane has from elsewhere. The content stays.
    /// </summary>
    /// <param name="generation">The data plane's.</param>
    internal void RaiseAbove(ulong generation)
    {
        lock (_lock)
        {
            if (_document is null || !IsCountedHere(_document) || _document.Generation > generation)
            {
                return;
            }

            MeshDocument next = _document.Clone();
            next.Generation = generation + 1;
            Replace(next);
        }
    }

    /// <summary>Waits until the document in force is on disk, or can't be.</summary>
    /// <returns>Completes when nothing is being written.</returns>
    public ValueTask DisposeAsync() => _kept?.DisposeAsync() ?? default;

    private static MeshDocument? Load(StateFile file, StructuredLog log)
    {
        StateLoad<MeshDocument> load = file.Load<MeshDocument>(MeshDocuments.TryDecode);
        if (load.Fault is not (StateFault.None or StateFault.Missing))
        {
            log.Warn("state_refused", ("problem", load.Message), ("previous_taken", load.IsPrevious));
        }
        else if (load.IsPrevious)
        {
            log.Warn("state_previous", ("problem", load.Message));
        }

        return load.Value;
    }

    // Older versions did not say whose the generation was; they only knew this one.
    private static bool IsCountedHere(MeshDocument document) => document.Source is "" or MeshSources.Node;

    private static bool HasSameContent(MeshDocument offered, MeshDocument inForce)
    {
        if (ReferenceEquals(offered, inForce))
        {
            return true; // looked at once more: no copy of a large one
        }

        MeshDocument same = offered.Clone();
        same.Generation = inForce.Generation;
        same.Source = inForce.Source;
        return same.Equals(inForce);
    }

    private static MeshFinding Stale(ulong offered, ulong inForce) => new(
        new MeshSubject(MeshField.Generation),
        offered == inForce
            ? $"generation {offered} is in force already, with other content"
            : $"generation {offered} is older than {inForce}, which is in force",
        $"each change needs a greater one, so write {inForce + 1} or more");

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Replace(MeshDocument next)
    {
        _kept?.Keep(next.ToByteArray); // made when it is written: most of a large document's are not
        _document = next;
        _changed.SetResult();
        _changed = NewSignal();
    }
}

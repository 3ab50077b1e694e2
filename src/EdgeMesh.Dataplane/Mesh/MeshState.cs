using System;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.Dataplane.Configuration;
using EdgeMesh.Logging;
using EdgeMesh.State;
using EdgeMesh.Tunnel.Mesh;
using Google.Protobuf;

namespace EdgeMesh.Dataplane.Mesh;

/// <summary>
/// The desired state in force: applied from the control channel or from disk, kept on disk, published to every thread.
/// </summary>
/// <remarks>
/// Any thread off the packet path may apply; one document is applied at a time. None of them waits for the disk.
/// </remarks>
internal sealed class MeshState(MeshCompiler compiler, StateFile file, StructuredLog log, Action<MeshView> publish)
    : IAsyncDisposable
{
    // Packets go by the new document all the same; after a restart the last one on disk holds until control is back.
    private readonly StateWriter _writer = new(
        file, exception => log.Error("snapshot_not_kept", ("file", file.Path), ("cause", exception.Message)));

    private readonly Lock _applying = new();
    private AppliedMesh _applied = AppliedMesh.Empty; // written under the lock
    private long _confirmed = Stopwatch.GetTimestamp();

    /// <summary>The document in force and what was made of it.</summary>
    public AppliedMesh Applied => Volatile.Read(ref _applied);

    /// <summary>The view in force.</summary>
    public MeshView View => Applied.View;

    /// <summary>Where it came from: <c>control</c>, <c>disk</c> or <c>none</c>.</summary>
    public string Source { get; private set; } = "none";

    /// <summary>Time since a control process last confirmed the view, or since the start.</summary>
    public TimeSpan Age => Stopwatch.GetElapsedTime(Volatile.Read(ref _confirmed));

    /// <summary>A control process is connected, so the view in force is what it wants.</summary>
    public void Confirm() => Volatile.Write(ref _confirmed, Stopwatch.GetTimestamp());

    /// <summary>Applies the document that an earlier run left on disk, if there is a good one.</summary>
    public void Restore()
    {
        StateLoad<MeshDocument> load = file.Load<MeshDocument>(MeshDocuments.TryDecode);
        if (load.Value is not { } document)
        {
            if (load.Fault == StateFault.Missing)
            {
                log.Info("snapshot_missing", ("file", file.Path));
            }
            else
            {
                log.Error("snapshot_refused", ("file", file.Path), ("reason", load.Fault), ("cause", load.Message));
            }

            return;
        }

        if (load.IsPrevious)
        {
            log.Warn("snapshot_previous", ("file", file.Path), ("cause", load.Message));
        }

        try
        {
            Replace(document, "disk");
        }
        catch (ConfigurationException exception)
        {
            log.Error("snapshot_refused", ("file", file.Path), ("cause", exception.Message));
        }
    }

    /// <summary>Applies a whole document from the control channel.</summary>
    /// <exception cref="RequestRefusedException">It is not valid; the one in force stays.</exception>
    public MeshView Apply(MeshDocument document)
    {
        if (MeshDocuments.Validate(document) is { } fault)
        {
            throw new RequestRefusedException(ErrorCode.Invalid, fault);
        }

        try
        {
            return Replace(document, "control");
        }
        catch (ConfigurationException exception)
        {
            throw new RequestRefusedException(ErrorCode.Invalid, exception.Message);
        }
    }

    /// <summary>Applies a change to the document in force.</summary>
    /// <exception cref="RequestRefusedException">It is for another generation, or its result is not valid.</exception>
    public MeshView Apply(MeshDelta delta)
    {
        lock (_applying)
        {
            return Apply(MeshDocuments.Apply(Source == "none" ? null : _applied.Document, delta));
        }
    }

    /// <summary>Waits until the document in force is on disk, or can't be.</summary>
    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    private MeshView Replace(MeshDocument document, string source)
    {
        MeshView view;
        lock (_applying)
        {
            bool isNew = source == "control" && !document.Equals(_applied.Document);
            view = compiler.Compile(document);
            Volatile.Write(ref _applied, new AppliedMesh(document, view));
            Source = source;
            Confirm();
            publish(view);
            if (isNew)
            {
                _writer.Keep(document.ToByteArray()); // under the lock: the newest document is the last one kept
            }
        }

        log.Info(
            "mesh_applied",
            ("generation", document.Generation),
            ("source", source),
            ("peers", view.Peers.Count),
            ("conflicts", view.Conflicts.Count));
        return view;
    }
}

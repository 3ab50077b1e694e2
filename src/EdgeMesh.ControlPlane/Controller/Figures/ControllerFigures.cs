using System.Threading;
using EdgeMesh.Metrics;

namespace EdgeMesh.ControlPlane.Controller.Figures;

/// <summary>What the controller counts and knows, for metrics. The leading task writes, scrapes read.</summary>
internal sealed class ControllerFigures
{
    private long _compositions;
    private long _writes;
    private long _writeFailures;
    private long _conflicts;
    private long _trustWrites;
    private long _publicationsDeleted;
    private ControllerModel _model = ControllerModel.Empty;

    /// <summary>The state after the last round.</summary>
    internal ControllerModel Model
    {
        get => Volatile.Read(ref _model);
        set => Volatile.Write(ref _model, value);
    }

    /// <summary>What became of requests to the metrics endpoint.</summary>
    internal ScrapeCounts Scrapes { get; } = new();

    internal long Compositions => Interlocked.Read(ref _compositions);

    internal long Writes => Interlocked.Read(ref _writes);

    internal long WriteFailures => Interlocked.Read(ref _writeFailures);

    internal long Conflicts => Interlocked.Read(ref _conflicts);

    internal long TrustWrites => Interlocked.Read(ref _trustWrites);

    internal long PublicationsDeleted => Interlocked.Read(ref _publicationsDeleted);

    internal void CountComposition() => Interlocked.Increment(ref _compositions);

    internal void CountWrite() => Interlocked.Increment(ref _writes);

    internal void CountWriteFailure(bool isConflict)
    {
        Interlocked.Increment(ref _writeFailures);
        if (isConflict)
        {
            Interlocked.Increment(ref _conflicts);
        }
    }

    internal void CountTrustWrite() => Interlocked.Increment(ref _trustWrites);

    internal void CountPublicationDeleted() => Interlocked.Increment(ref _publicationsDeleted);
}

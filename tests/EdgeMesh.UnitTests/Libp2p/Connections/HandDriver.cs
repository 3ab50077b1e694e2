using System;
using EdgeMesh.Libp2p.Connections;

namespace EdgeMesh.UnitTests.Libp2p.Connections;

/// <summary>Drives a connection core by hand.</summary>
internal sealed class HandDriver : ConnectionOwner
{
    public ConnectionCore? Core { get; set; }

    public HandMemory Memory { get; } = new();

    public long Now { get; set; }

    /// <summary>Whether flushes have to wait.</summary>
    public bool IsSlow { get; set; }

    public int Flushes { get; private set; }

    public int Ends { get; private set; }

    public override Connection Connection => throw new NotSupportedException("there is only the core");

    public override bool CanServe => true;

    public override bool Flush()
    {
        Flushes++;
        return !IsSlow;
    }

    public override void HandleWork() => Core!.Service(Now);

    public override void Serve(MuxedStream stream) => throw new NotSupportedException("no ordinary streams here");

    public override void HandleEnd() => Ends++;

    public override void CheckThread()
    {
    }
}

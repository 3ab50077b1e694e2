using System.Runtime.InteropServices;

namespace EdgeMesh.Libp2p.Yamux;

/// <summary>One thing that bytes from the peer made happen.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Stream">Its stream, if it has one.</param>
/// <param name="DataLength">Bytes of payload, for <see cref="YamuxEventKind.Data"/>.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct YamuxEvent(YamuxEventKind Kind, YamuxStream? Stream = null, int DataLength = 0);

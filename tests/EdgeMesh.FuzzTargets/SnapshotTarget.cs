using System;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.FuzzTargets;

/// <summary>The snapshot file.</summary>
public static class SnapshotTarget
{
    /// <summary>Reads a snapshot.</summary>
    /// <param name="bytes">The file.</param>
    public static void Run(ReadOnlySpan<byte> bytes)
    {
        SnapshotFault fault = SnapshotFile.Decode(bytes, out MeshDocument? document, out string message);
        if ((fault == SnapshotFault.None) != (document is not null) || (document is null) != (message.Length > 0))
        {
            throw new InvalidOperationException("a snapshot is either taken or faulty");
        }
    }
}

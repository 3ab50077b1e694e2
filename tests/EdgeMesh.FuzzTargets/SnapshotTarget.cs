using System;
using EdgeMesh.ControlChannel;
using EdgeMesh.State;

namespace EdgeMesh.FuzzTargets;

/// <summary>The state file, and a mesh document in its place.</summary>
public static class SnapshotTarget
{
    /// <summary>Reads both.</summary>
    /// <param name="bytes">The file, or a document.</param>
    public static void Run(ReadOnlySpan<byte> bytes)
    {
        StateFault fault = StateFile.Decode(bytes, out string message);
        if ((fault == StateFault.None) != (message.Length == 0))
        {
            throw new InvalidOperationException("a state file is either taken or faulty");
        }

        if (fault == StateFault.None)
        {
            bytes = bytes[StateFile.HeaderBytes..];
        }

        bool isTaken = MeshDocuments.TryDecode(bytes, out _, out string? problem);
        if (isTaken != (problem is null))
        {
            throw new InvalidOperationException("a document is either taken or faulty");
        }
    }
}

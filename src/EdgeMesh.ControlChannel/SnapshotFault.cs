namespace EdgeMesh.ControlChannel;

/// <summary>Why a snapshot file was not taken.</summary>
public enum SnapshotFault
{
    /// <summary>It was taken.</summary>
    None,

    /// <summary>There is no such file.</summary>
    Missing,

    /// <summary>It is shorter than its header or than the length in it.</summary>
    Truncated,

    /// <summary>It is no snapshot, or its bytes don't match its checksum.</summary>
    Corrupt,

    /// <summary>Another version of the format.</summary>
    Version,

    /// <summary>Whole, but what it says breaks a rule of documents.</summary>
    Invalid,

    /// <summary>The system doesn't let us read it.</summary>
    Unreadable,
}

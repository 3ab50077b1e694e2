namespace EdgeMesh.State;

/// <summary>Why a state file was not taken.</summary>
public enum StateFault
{
    /// <summary>It was taken.</summary>
    None,

    /// <summary>There is no such file.</summary>
    Missing,

    /// <summary>It is shorter than its header or than the length in it.</summary>
    Truncated,

    /// <summary>It is no state file, or its bytes don't match its checksum.</summary>
    Corrupt,

    /// <summary>Another version of the format.</summary>
    Version,

    /// <summary>Whole, but whoever reads it can't use what is in it.</summary>
    Invalid,

    /// <summary>The system doesn't let us read it.</summary>
    Unreadable,
}

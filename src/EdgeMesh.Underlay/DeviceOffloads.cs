using System;

namespace EdgeMesh.Underlay;

/// <summary>Unfinished packets that a device takes and gives.</summary>
[Flags]
public enum DeviceOffloads
{
    /// <summary>Finished packets only.</summary>
    None = 0,

    /// <summary>Partial checksums.</summary>
    Checksum = 1,

    /// <summary>TCP super-packets of both IP versions.</summary>
    Tcp = 2,

    /// <summary>UDP super-packets.</summary>
    Udp = 4,
}

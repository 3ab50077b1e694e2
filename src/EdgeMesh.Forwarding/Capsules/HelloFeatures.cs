using System;

namespace EdgeMesh.Forwarding.Capsules;

/// <summary>What the sender of a Hello takes in capsules of type 0x01. Bits we don't know are ignored.</summary>
[Flags]
public enum HelloFeatures
{
    /// <summary>Plain packets only.</summary>
    None = 0,

    /// <summary>Packets whose checksum is partial.</summary>
    Checksum = 1,

    /// <summary>TCP super-packets of both IP versions.</summary>
    Tcp = 2,

    /// <summary>UDP super-packets of both IP versions.</summary>
    Udp = 4,

    /// <summary>Everything that this version knows.</summary>
    All = Checksum | Tcp | Udp,
}

namespace EdgeMesh.Forwarding;

/// <summary>What a <see cref="PacketLedger"/> writes down about a packet.</summary>
internal enum LedgerEntry
{
    /// <summary>Out: it came from the TUN.</summary>
    Entered,

    /// <summary>Out: another worker handed it over to this one.</summary>
    TakenOver,

    /// <summary>Out: a connection took it.</summary>
    Sent,

    /// <summary>Out: this worker handed it over to another one.</summary>
    HandedOver,

    /// <summary>Out: it ended here, for a reason.</summary>
    DroppedOut,

    /// <summary>In: it came in a capsule.</summary>
    Received,

    /// <summary>In: the TUN took it.</summary>
    Delivered,

    /// <summary>In: it ended here, for a reason.</summary>
    DroppedIn,
}

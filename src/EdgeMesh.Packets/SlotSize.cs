namespace EdgeMesh.Packets;

/// <summary>What a block of a pool is cut into.</summary>
internal enum SlotSize
{
    /// <summary>Slots of <see cref="Limits.SmallSlotBytes"/>.</summary>
    Small,

    /// <summary>Slots of <see cref="Limits.MediumSlotBytes"/>.</summary>
    Medium,

    /// <summary>One slot of <see cref="Limits.LargeSlotBytes"/>.</summary>
    Large,
}

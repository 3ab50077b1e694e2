namespace EdgeMesh.Perf.Thresholds;

/// <summary>What a change of a figure is.</summary>
internal enum Verdict
{
    /// <summary>Not told apart from the spread of the samples.</summary>
    WithinNoise,

    /// <summary>Better, and beyond the spread.</summary>
    Better,

    /// <summary>Worse, and beyond the spread.</summary>
    Worse,

    /// <summary>One sample on a side: the spread is not known.</summary>
    SpreadUnknown,
}

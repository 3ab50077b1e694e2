namespace EdgeMesh.Metrics;

/// <summary>A count under one label.</summary>
/// <param name="Label">The label's value, snake_case, from a closed set.</param>
/// <param name="Count">The count.</param>
public readonly record struct LabelledCount(string Label, long Count);

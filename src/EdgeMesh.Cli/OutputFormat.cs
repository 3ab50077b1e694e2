namespace EdgeMesh.Cli;

/// <summary>For whom an answer is written.</summary>
internal enum OutputFormat
{
    /// <summary>For people: aligned, units spelled out; may change between versions.</summary>
    Table,

    /// <summary>For programs: one JSON document, lowerCamelCase names; fields are only ever added.</summary>
    Json,
}

namespace EdgeMesh.Perf.Reporting;

/// <summary>In what form a report is written.</summary>
internal enum OutputFormat
{
    /// <summary>For a terminal; may change.</summary>
    Table,

    /// <summary>The report itself; what <c>report</c> and <c>compare</c> read.</summary>
    Json,

    /// <summary>A line of JSON per interval while it runs, then one per result, then the circumstances.</summary>
    Jsonl,

    /// <summary>A line per metric.</summary>
    Csv,

    /// <summary>Markdown.</summary>
    Markdown,

    /// <summary>One self-contained page with charts.</summary>
    Html,
}

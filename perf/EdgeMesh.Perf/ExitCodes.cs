namespace EdgeMesh.Perf;

/// <summary>Exit codes; <c>edgemesh-perf --help</c> and docs/perf.md list them.</summary>
internal static class ExitCodes
{
    /// <summary>Measured, and every threshold held.</summary>
    public const int Success = 0;

    /// <summary>A threshold of <c>--fail-if</c> or <c>--max-regression</c> failed.</summary>
    public const int ThresholdFailed = 1;

    /// <summary>It could not run: wrong command line, no server, no permission.</summary>
    public const int CannotRun = 2;

    /// <summary>The packets took another path than was asked for.</summary>
    public const int PathDiffered = 3;
}

namespace EdgeMesh.Cli;

/// <summary>Exit codes of edgemesh; <c>edgemesh --help</c> and docs/operations.md list them.</summary>
internal static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Success = 0;

    /// <summary>
    /// The data plane refused, no probe of a ping was answered, no new connection came about, a key was not approved,
    /// or the doctor found something.
    /// </summary>
    public const int Failure = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>No data plane can be reached at the socket.</summary>
    public const int NoDataplane = 3;

    /// <summary>The Kubernetes API can't be reached, or refuses what was asked.</summary>
    public const int NoCluster = 4;
}

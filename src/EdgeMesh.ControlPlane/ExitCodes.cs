namespace EdgeMesh.ControlPlane;

/// <summary>Exit codes of edgemesh-control; docs/operations.md lists them.</summary>
internal static class ExitCodes
{
    /// <summary>Ended as asked.</summary>
    internal const int Success = 0;

    /// <summary>Something failed; the log says what.</summary>
    internal const int Failure = 1;

    /// <summary>The command line is wrong.</summary>
    internal const int Usage = 2;
}

namespace EdgeMesh.KubernetesTests.Chart;

/// <summary>What one run of helm gave.</summary>
/// <param name="ExitCode">0 if it did what was asked.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Errors">Its standard error.</param>
internal sealed record HelmRun(int ExitCode, string Output, string Errors);

namespace EdgeMesh.ControlPlane.DesiredState;

/// <summary>Something wrong in a mesh document, whatever source it came from.</summary>
/// <param name="Subject">What it is about.</param>
/// <param name="Problem">The cause.</param>
/// <param name="Remedy">What to do.</param>
/// <param name="Other">The other part that this one contradicts, if there is one.</param>
internal sealed record MeshFinding(MeshSubject Subject, string Problem, string Remedy, MeshSubject? Other = null)
{
    /// <summary>Cause and remedy in one sentence.</summary>
    /// <param name="otherPlace">Where the source has <see cref="Other"/>, as in "in line 7"; null: not said.</param>
    internal string ToText(string? otherPlace = null) =>
        $"{Problem}{(otherPlace is null ? "" : $", {otherPlace}")}: {Remedy}";
}

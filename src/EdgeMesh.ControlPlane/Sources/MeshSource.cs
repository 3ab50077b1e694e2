using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.ControlPlane.Sources;

/// <summary>Where the desired state comes from; each kind of source is one folder here.</summary>
/// <remarks>
/// A source watches, makes a mesh document of each version it sees, and offers that to the
/// <see cref="DesiredState.MeshIntake"/> it was made with. What the intake finds wrong, the source tells the operator
/// in its own terms: a line of a file, an object of a cluster. Whoever counts generations sets the document's
/// <c>generation</c> and <c>source</c>; a source that doesn't leaves both empty.
/// </remarks>
internal abstract class MeshSource
{
    /// <summary>Watches until told to stop. Bad input, and none, change nothing but the log.</summary>
    /// <param name="stop">Ends it.</param>
    internal abstract Task RunAsync(CancellationToken stop);
}

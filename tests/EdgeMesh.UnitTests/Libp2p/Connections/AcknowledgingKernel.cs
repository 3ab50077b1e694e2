using EdgeMesh.Libp2p.Connections;
using EdgeMesh.SimulationTests.Simulation;

namespace EdgeMesh.UnitTests.Libp2p.Connections;

/// <summary>A far end whose kernel is always heard.</summary>
internal sealed class AcknowledgingKernel(SimulatedLoop loop) : TransportLiveness
{
    public override long HeardAt => loop.Now;
}

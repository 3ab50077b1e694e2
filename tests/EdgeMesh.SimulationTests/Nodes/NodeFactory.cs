namespace EdgeMesh.SimulationTests.Nodes;

/// <summary>Starts a node's process at a site. Called at each restart too.</summary>
public delegate ISimulatedNode NodeFactory(NodeSite site);

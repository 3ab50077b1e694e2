namespace EdgeMesh.SimulationTests.Nodes;

/// <summary>What a plain node does wrong on purpose, so that the oracle can be tried.</summary>
public enum PlainNodeFault
{
    None = 0,
    LosesUntold,
    DeliversTwice,
    DeliversElsewhere,
    SwapsPackets,
    SleepsOnWork,
    NeverDialsAgain,
    WaitsForOthers,
    ForgetsTails,
    SharesNothing,
}

using System.Linq;

namespace EdgeMesh.Dataplane.Model;

/// <summary>What the probes are told. Neither depends on a peer or on the control process.</summary>
/// <param name="node">The running node.</param>
internal sealed class NodeHealth(RunningNode node)
{
    /// <summary>Whether every loop turns; whoever is told otherwise restarts the process.</summary>
    /// <returns>Null if so, else a sentence.</returns>
    public string? Health()
    {
        string[] stuck = [.. node.Pulses.Where(static pulse => !pulse.IsTurning()).Select(static pulse => pulse.Name)];
        return stuck.Length == 0
            ? null
            : $"no turn for {LoopPulse.AnswerTimeMax.TotalSeconds:0} s of the loops: {string.Join(", ", stuck)}";
    }

    /// <summary>Whether packets can pass: the TUN is up and a mesh document is in force, from control or from disk.
    /// </summary>
    /// <returns>Null if so, else a sentence.</returns>
    public string? Readiness()
    {
        if (!node.IsTunUp())
        {
            return $"the TUN link {node.Options.TunName} is down; edgemesh-control brings it up";
        }

        return node.Mesh.Source == "none"
            ? "no mesh document yet: neither edgemesh-control has sent one, nor is one on disk"
            : null;
    }
}

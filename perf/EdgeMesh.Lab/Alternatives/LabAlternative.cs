using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Lab.Measuring;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Lab.Running;
using EdgeMesh.Lab.Topologies;

namespace EdgeMesh.Lab.Alternatives;

/// <summary>An alternative that carries packets: a lab of its own and the processes in it.</summary>
public sealed class LabAlternative : IAsyncDisposable
{
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(200);

    private readonly IReadOnlyList<LabProcess> _processes;

    private LabAlternative(
        AlternativePlan plan, LabNetwork lab, LabMesh? mesh, IReadOnlyList<LabProcess> processes)
    {
        Plan = plan;
        Lab = lab;
        Mesh = mesh;
        _processes = processes;
    }

    /// <summary>What was asked for.</summary>
    public AlternativePlan Plan { get; }

    /// <summary>Its name.</summary>
    public string Name => Plan.Name;

    /// <summary>Where it runs.</summary>
    public LabNetwork Lab { get; }

    /// <summary>The product's processes; null for other kinds.</summary>
    public LabMesh? Mesh { get; }

    /// <summary>The processes that packets pass through, one per node; none where the kernel does it.</summary>
    public IReadOnlyList<LabProcess> Daemons =>
        Mesh is null ? _processes : [.. Mesh.Nodes.Select(node => node.Dataplane!)];

    /// <summary>Builds the lab, starts what carries packets, and waits until a packet passed.</summary>
    /// <exception cref="LabException">It did not come up; nothing is left then.</exception>
    public static async Task<LabAlternative> StartAsync(AlternativePlan plan, Topology topology)
    {
        if (plan.WhyNot() is { } reason)
        {
            throw new LabException(reason);
        }

        var options = new LabOptions
        {
            IsPlainRouting = plan.Kind == AlternativeKind.Plain,
            PodMtuBytes = plan.PodMtuBytes,
        };
        LabNetwork lab = await LabNetwork.UpAsync(topology, options);
        try
        {
            LabMesh? mesh = plan.Kind == AlternativeKind.EdgeMesh
                ? await LabMesh.StartAsync(lab, plan.Options)
                : null;
            var alternative = new LabAlternative(plan, lab, mesh, await StartProcessesAsync(plan.Kind, lab));
            await alternative.ProbeAsync();
            return alternative;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the processes and removes the lab.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Mesh is not null)
        {
            await Mesh.DisposeAsync();
        }

        foreach (LabProcess process in _processes)
        {
            await process.DisposeAsync();
        }

        await Lab.DisposeAsync();
    }

    private static Task<IReadOnlyList<LabProcess>> StartProcessesAsync(AlternativeKind kind, LabNetwork lab) =>
        kind switch
        {
            AlternativeKind.Vxlan => VxlanTunnel.BuildAsync(lab),
            AlternativeKind.WireGuard => WireGuardTunnel.StartAsync(lab),
            AlternativeKind.Nebula => NebulaTunnel.StartAsync(lab),
            _ => Task.FromResult<IReadOnlyList<LabProcess>>([]),
        };

    // The first packet of each pair of nodes starts a handshake; it may be lost meanwhile.
    private async Task ProbeAsync()
    {
        const int AttemptsMax = 25;
        LabPod[] pods = [.. Lab.Nodes.Select(node => node.Pods[0])];
        foreach (LabPod to in pods.Skip(1))
        {
            PingRun run = await PingRun.RunAsync(pods[0].Network, to.Plan.Address4, 1, ProbeInterval);
            for (int attempt = 1; attempt < AttemptsMax && !run.IsWhole; attempt++)
            {
                run = await PingRun.RunAsync(pods[0].Network, to.Plan.Address4, 1, ProbeInterval);
            }

            if (!run.IsWhole)
            {
                string logs = string.Join('\n', Daemons.Select(daemon => $"{daemon.Name}: {daemon.Log}"));
                throw new LabException($"{Name}: no packet from {pods[0].Name} to {to.Name}: {run.Output}{logs}");
            }
        }
    }
}

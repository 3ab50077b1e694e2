using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.ControlPlane.DesiredState;
using EdgeMesh.Logging;
using EdgeMesh.Native.Netlink;

namespace EdgeMesh.ControlPlane.Kernel;

/// <summary>Makes this node's kernel what the desired state asks, again and again, from any state.</summary>
/// <remarks>
/// Runs when the desired state changes, when the kernel tells of changed links, addresses or routes, and every two
/// seconds for what it doesn't tell of (nftables, sysctls).
/// </remarks>
internal sealed class KernelReconciler
{
    private const string ResolverPath = "/etc/resolv.conf";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    // Changes come in bursts: one pass serves them all, and a link that flaps costs at most ten passes a second.
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(100);

    private readonly string _node;
    private readonly string _tun;
    private readonly Sysctl _sysctl;
    private readonly DesiredMesh _desired;
    private readonly ProblemBoard _board;
    private readonly StructuredLog _log;
    private readonly ProblemLog _problems;
    private readonly Action<int> _looked; // gets the count of problems after each look
    private readonly Action _pulse;       // called each time around
    private KernelPlan? _applied;
    private int _appliedLink;
    private bool _hasWaitedForLink;

    internal KernelReconciler(
        string node, string tun, Sysctl sysctl, DesiredMesh desired, ProblemBoard board, StructuredLog log,
        Action<int>? looked = null, Action? pulse = null)
    {
        _looked = looked ?? (static _ => { });
        _pulse = pulse ?? (static () => { });
        _node = node;
        _tun = tun;
        _sysctl = sysctl;
        _desired = desired;
        _board = board;
        _log = log;
        _problems = new ProblemLog(log, "kernel_problem");
    }

    internal async Task RunAsync(CancellationToken stop)
    {
        using RouteSocket socket = RouteSocket.Open();
        using var table = new NftablesTable();
        await using KernelChanges changes = KernelChanges.Start(_log);
        while (true)
        {
            _pulse();
            (ControlChannel.Messages.MeshDocument? document, Task changed) = _desired.Read();
            if (document is not null)
            {
                await ApplyAsync(socket, table, KernelPlan.From(document, _node), stop);
            }

            await Task.WhenAny(changed, changes.NextAsync(), Task.Delay(Interval, stop));
            stop.ThrowIfCancellationRequested();
            await Task.Delay(changed.IsCompleted ? TimeSpan.Zero : Gather, stop);
        }
    }

    private async Task ApplyAsync(RouteSocket socket, NftablesTable table, KernelPlan asked, CancellationToken stop)
    {
        var problems = new List<string>();
        KernelPlan plan = asked;
        try
        {
            plan = Refuse(socket, asked, problems);
            problems.AddRange(LinkReconciler.Check(plan, _sysctl));
            ApplyLinkAndRoutes(socket, plan, problems);
        }
        catch (Exception e) when (e is NetlinkException or KernelStateException)
        {
            problems.Add(e.Message);
        }

        try
        {
            if (await table.ApplyAsync(plan, stop) is string done)
            {
                _log.Info("kernel_nftables", ("done", done), ("own", plan.Own.Count), ("foreign", plan.Foreign.Count));
            }
        }
        catch (KernelStateException e)
        {
            // Without anything to protect, a node without nft is well.
            if (!plan.IsEmpty)
            {
                problems.Add(e.Message);
            }
        }

        _problems.Report(problems);
        _board.Set(ProblemBoard.Kernel, problems);
        _looked(problems.Count);
        _applied = plan;
    }

    private KernelPlan Refuse(RouteSocket socket, KernelPlan asked, List<string> problems)
    {
        if (asked.IsEmpty)
        {
            return asked;
        }

        IReadOnlyList<(IPNetwork Network, string Problem)> refused =
            HostPaths.Read(socket, _tun, ResolverPath).Refuse(asked);
        problems.AddRange(refused.Select(entry => entry.Problem));
        return asked.Without(refused.Select(entry => entry.Network).ToHashSet());
    }

    private void ApplyLinkAndRoutes(RouteSocket socket, KernelPlan plan, List<string> problems)
    {
        LinkInfo? link = socket.FindLink(_tun);
        if (link is null && !plan.IsEmpty && !_hasWaitedForLink)
        {
            _log.Info("kernel_waits_for_link", ("link", _tun));
        }

        _hasWaitedForLink = link is null;
        bool isRepeat = link is not null && link.Index == _appliedLink && _applied is not null
            && IsSame(_applied, plan);
        if (link is not null && !plan.IsEmpty)
        {
            LinkReconciler.CheckOwner(link);
            IReadOnlyList<string> changed = LinkReconciler.Apply(socket, link, _sysctl);
            if (changed.Count > 0)
            {
                _log.Info("kernel_link", ("link", _tun), ("done", isRepeat ? "restored" : "applied"),
                    ("what", string.Join(',', changed)));
            }
        }

        (int added, int removed) = RouteReconciler.Apply(socket, plan, link, problems);
        if (added + removed > 0)
        {
            _log.Info("kernel_routes", ("done", isRepeat ? "restored" : "applied"), ("added", added),
                ("removed", removed));
        }

        _appliedLink = link?.Index ?? 0;
    }

    private static bool IsSame(KernelPlan one, KernelPlan other) =>
        one.Foreign.SequenceEqual(other.Foreign) && one.Own.SequenceEqual(other.Own);
}

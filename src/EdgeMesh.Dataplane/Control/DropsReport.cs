using System.Linq;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.Dataplane.Model;
using EdgeMesh.Forwarding;

namespace EdgeMesh.Dataplane.Control;

/// <summary>What <c>edgemesh drops</c> shows: every reason with its count, both ways together.</summary>
internal static class DropsReport
{
    /// <summary>
    /// The reason of <see cref="NodeModel.TunQueueDrops"/>. It is no <see cref="DropReason"/>: these packets never
    /// reached a worker, so they are not part of packets = delivered + dropped + queued.
    /// </summary>
    public const string TunQueueFull = "tun_queue_full";

    private const string TunQueueExplanation =
        "The kernel dropped packets at the TUN's own queue before this process could read them, so no other count has "
        + "them: pods sent a burst longer than the queue, or faster than the worker reads. Harmless if rare; else give "
        + "the node more workers (--workers) or processor time, or lower the pod link's gso_max_size.";

    /// <summary>The message for the figures of this moment.</summary>
    public static Drops Build(NodeModel model)
    {
        Drops drops = new();
        drops.Drops_.AddRange(DropReasons.All.Select(reason => new Drop
        {
            Reason = DropReasons.Label(reason),
            Packets = (ulong)model.DroppedOut.Concat(model.DroppedIn)
                .Where(dropped => dropped.Label == DropReasons.Label(reason)).Sum(dropped => dropped.Count),
            Explanation = DropReasons.Explanation(reason),
        }));
        drops.Drops_.Add(new Drop
        {
            Reason = TunQueueFull,
            Packets = (ulong)model.TunQueueDrops,
            Explanation = TunQueueExplanation,
        });
        return drops;
    }
}

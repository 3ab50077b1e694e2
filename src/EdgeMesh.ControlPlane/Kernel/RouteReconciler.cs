using System.Collections.Generic;
using System.Linq;
using System.Net;
using EdgeMesh.Native.Netlink;

namespace EdgeMesh.ControlPlane.Kernel;

/// <summary>
/// Keeps our routes, told by their protocol number, as a plan asks. Others' routes are never changed.
/// </summary>
internal static class RouteReconciler
{
    /// <summary>Adds what is missing and removes what is too much.</summary>
    /// <param name="socket">Where to ask.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="link">Our TUN link; null: it isn't there, so neither is any route.</param>
    /// <param name="problems">Gets what the kernel refused.</param>
    /// <returns>How many routes were added and removed.</returns>
    /// <exception cref="NetlinkException">The routes can't be listed.</exception>
    internal static (int Added, int Removed) Apply(
        RouteSocket socket, KernelPlan plan, LinkInfo? link, ICollection<string> problems)
    {
        var wanted = new HashSet<RouteInfo>();
        if (link is not null)
        {
            wanted.UnionWith(plan.Foreign.Select(network => RouteTo(network, link.Index)));
        }

        int removed = 0;
        foreach (RouteInfo route in socket.Routes(KernelMarks.RouteProtocol))
        {
            if (!wanted.Remove(route) && Try(() => socket.DeleteRoute(route), isMissingFine: true, problems))
            {
                removed++;
            }
        }

        int added = wanted.Count(route => Try(() => socket.AddRoute(route), isMissingFine: false, problems));
        return (added, removed);
    }

    internal static RouteInfo RouteTo(IPNetwork network, int link) =>
        new(network, link, KernelMarks.RouteProtocol, KernelPlan.IsIpv4(network) ? 0 : KernelMarks.Ipv6Metric, null);

    private static bool Try(System.Action change, bool isMissingFine, ICollection<string> problems)
    {
        try
        {
            change();
            return true;
        }
        catch (NetlinkException e) when (isMissingFine && e.IsMissing)
        {
            return false; // somebody was faster
        }
        catch (NetlinkException e)
        {
            problems.Add(e.Message);
            return false;
        }
    }
}

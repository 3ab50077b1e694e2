using System.Collections.Generic;
using System.Net;
using EdgeMesh.Native.Netlink;

namespace EdgeMesh.ControlPlane.Kernel;

/// <summary>
/// Keeps our TUN link as it should be. Whose link it is, its alias says; a link that isn't ours is never touched.
/// </summary>
internal static class LinkReconciler
{
    private const string TunKind = "tun";

    /// <summary>May we use this link: a TUN with our alias, or with none yet?</summary>
    /// <exception cref="KernelStateException">It is somebody else's.</exception>
    internal static void CheckOwner(LinkInfo link)
    {
        if (link.Kind.Length > 0 && link.Kind != TunKind)
        {
            throw new KernelStateException(
                $"the link {link.Name} is of kind '{link.Kind}', no TUN: it is somebody else's; choose another --tun "
                    + "on both processes");
        }

        if (link.Alias.Length > 0 && link.Alias != KernelMarks.LinkAlias)
        {
            throw new KernelStateException(
                $"the link {link.Name} has the alias '{link.Alias}': it is somebody else's; choose another --tun on "
                    + "both processes");
        }
    }

    /// <summary>Alias, state, and the link's own sysctls.</summary>
    /// <returns>What was changed, in words; empty if nothing.</returns>
    /// <exception cref="KernelStateException">A setting can't be made.</exception>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    internal static IReadOnlyList<string> Apply(RouteSocket socket, LinkInfo link, Sysctl sysctl)
    {
        var changed = new List<string>();
        if (link.Alias.Length == 0)
        {
            socket.SetLink(link.Index, alias: KernelMarks.LinkAlias);
            changed.Add("alias");
        }

        if (!link.IsUp)
        {
            socket.SetLink(link.Index, isUp: true);
            changed.Add("up");
        }

        // Loose, not off: it outranks a strict setting for all links, and the data plane has checked each source
        // already.
        Note(changed, "rp_filter", sysctl.Set($"ipv4/conf/{link.Name}/rp_filter", "2"));
        Note(changed, "forwarding4", sysctl.Set($"ipv4/conf/{link.Name}/forwarding", "1"));
        Note(changed, "forwarding6", sysctl.Set($"ipv6/conf/{link.Name}/forwarding", "1"));
        return changed;
    }

    /// <summary>What the node's own settings must allow, and we don't set.</summary>
    /// <returns>Problems, each with its remedy.</returns>
    internal static IReadOnlyList<string> Check(KernelPlan plan, Sysctl sysctl)
    {
        var problems = new List<string>();
        bool hasIpv4 = false;
        bool hasIpv6 = false;
        foreach (IPNetwork network in plan.Foreign)
        {
            hasIpv4 |= KernelPlan.IsIpv4(network);
            hasIpv6 |= !KernelPlan.IsIpv4(network);
        }

        if (hasIpv4 && sysctl.Read("ipv4/ip_forward") == "0")
        {
            problems.Add("this node does not forward IPv4, so pods reach no other site: sysctl -w "
                + "net.ipv4.ip_forward=1");
        }

        if (hasIpv6 && sysctl.Read("ipv6/conf/all/forwarding") == "0")
        {
            problems.Add("this node does not forward IPv6, so pods reach no other site: sysctl -w "
                + "net.ipv6.conf.all.forwarding=1");
        }

        return problems;
    }

    private static void Note(List<string> changed, string what, bool isChanged)
    {
        if (isChanged)
        {
            changed.Add(what);
        }
    }
}

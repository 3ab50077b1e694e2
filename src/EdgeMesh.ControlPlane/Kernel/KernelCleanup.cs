using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Logging;
using EdgeMesh.Native.Netlink;

namespace EdgeMesh.ControlPlane.Kernel;

/// <summary>Removes every kernel object that carries one of our marks, and nothing else.</summary>
internal static class KernelCleanup
{
    /// <summary>Removes routes, table and link; goes on after a failure.</summary>
    /// <param name="tun">Name of the TUN link.</param>
    /// <param name="log">Gets what was removed and what was not.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>True if nothing of ours is left.</returns>
    internal static async Task<bool> RunAsync(string tun, StructuredLog log, CancellationToken cancel)
    {
        var problems = new List<string>();
        try
        {
            using RouteSocket socket = RouteSocket.Open();
            (_, int removed) = RouteReconciler.Apply(socket, KernelPlan.Empty, link: null, problems);
            log.Info("cleanup_routes", ("removed", removed));
            bool hadLink = RemoveLink(socket, tun);
            log.Info("cleanup_link", ("link", tun), ("removed", hadLink));
        }
        catch (Exception e) when (e is NetlinkException or KernelStateException)
        {
            problems.Add(e.Message);
        }

        try
        {
            bool hadTable = await NftablesTable.RemoveAsync(cancel);
            log.Info("cleanup_nftables", ("table", KernelMarks.TableName), ("removed", hadTable));
        }
        catch (KernelStateException e)
        {
            problems.Add(e.Message);
        }

        foreach (string problem in problems)
        {
            log.Error("cleanup_problem", ("problem", problem));
        }

        return problems.Count == 0;
    }

    private static bool RemoveLink(RouteSocket socket, string tun)
    {
        LinkInfo? link = socket.FindLink(tun);
        if (link is null)
        {
            return false;
        }

        if (link.Alias != KernelMarks.LinkAlias)
        {
            throw new KernelStateException(
                $"the link {tun} stays: its alias is '{link.Alias}', not '{KernelMarks.LinkAlias}', so it is "
                    + "somebody else's; if it is not, "
                + $"'ip link delete {tun}'");
        }

        socket.DeleteLink(link.Index);
        return true;
    }
}

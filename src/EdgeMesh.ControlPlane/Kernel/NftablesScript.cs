using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Text;

namespace EdgeMesh.ControlPlane.Kernel;

/// <summary>
/// Writes our nftables table as input of <c>nft -f</c>: one transaction that replaces the table whole.
/// </summary>
/// <remarks>
/// Other CNIs masquerade what leaves their pods' network. A connection's source is decided once, by the first nat chain
/// that says anything: ours is hooked before <c>srcnat</c> and maps the source onto itself, for packets between our
/// pods and those beyond the tunnel, in both directions (the far end's pods would else be masqueraded on their way to
/// ours). Nothing else is touched.
/// </remarks>
internal static class NftablesScript
{
    /// <summary>Removes the table, whether it is there or not.</summary>
    internal const string Removal =
        $"add table inet {KernelMarks.TableName}\ndelete table inet {KernelMarks.TableName}\n";

    internal static string Write(KernelPlan plan)
    {
        var script = new StringBuilder(Removal);
        script.Append($"table inet {KernelMarks.TableName} {{\n");
        bool hasIpv4 = AppendSets(script, plan, isIpv4: true);
        bool hasIpv6 = AppendSets(script, plan, isIpv4: false);
        script.Append("  chain keep_source {\n");
        script.Append("    type nat hook postrouting priority srcnat - 10; policy accept;\n");
        if (hasIpv4)
        {
            script.Append("    ip saddr @own4 ip daddr @foreign4 snat ip to ip saddr\n");
            script.Append("    ip saddr @foreign4 ip daddr @own4 snat ip to ip saddr\n");
        }

        if (hasIpv6)
        {
            script.Append("    ip6 saddr @own6 ip6 daddr @foreign6 snat ip6 to ip6 saddr\n");
            script.Append("    ip6 saddr @foreign6 ip6 daddr @own6 snat ip6 to ip6 saddr\n");
        }

        return script.Append("  }\n}\n").ToString();
    }

    private static bool AppendSets(StringBuilder script, KernelPlan plan, bool isIpv4)
    {
        var own = plan.Own.Where(network => KernelPlan.IsIpv4(network) == isIpv4).ToList();
        var foreign = plan.Foreign.Where(network => KernelPlan.IsIpv4(network) == isIpv4).ToList();
        if (own.Count == 0 || foreign.Count == 0)
        {
            return false;
        }

        AppendSet(script, isIpv4 ? "own4" : "own6", own, isIpv4);
        AppendSet(script, isIpv4 ? "foreign4" : "foreign6", foreign, isIpv4);
        return true;
    }

    private static void AppendSet(StringBuilder script, string name, IEnumerable<IPNetwork> networks, bool isIpv4)
    {
        script.Append($"  set {name} {{ type {(isIpv4 ? "ipv4_addr" : "ipv6_addr")}; flags interval; elements = {{ ");
        script.AppendJoin(", ", networks);
        script.Append(" } }\n");
    }
}

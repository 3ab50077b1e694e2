using System;
using System.Diagnostics;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;

namespace EdgeMesh.Lab.Kubernetes;

/// <summary>Everything of a node that the product could have changed, as text to compare.</summary>
public static partial class NodeDump
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly string[] Commands =
    [
        "ip -d addr",
        "ip rule",
        "ip -6 rule",
        "ip route show table all",
        "ip -6 route show table all",
        "nft -s list ruleset",
        "find /opt/cni/bin /etc/cni/net.d -type f -exec sha256sum {} + | sort -k 2",
        "sysctl -e net.ipv4.ip_forward net.ipv4.conf.all.rp_filter net.ipv6.conf.all.forwarding",
    ];

    /// <summary>The dump, once the kernel has come to rest.</summary>
    public static async Task<string> SettledAsync(ClusterNode node)
    {
        var clock = Stopwatch.StartNew();
        string last = await TakeAsync(node);
        while (clock.Elapsed < Patience)
        {
            await Task.Delay(Interval);
            string next = await TakeAsync(node);
            if (next == last && !next.Contains("tentative", StringComparison.Ordinal))
            {
                return next;
            }

            last = next;
        }

        throw new LabException($"{node.Name}'s network does not come to rest:\n{last}");
    }

    /// <summary>The lines that only one of two dumps has; empty if the dumps are equal.</summary>
    public static string Difference(string before, string after)
    {
        string[] old = before.Split('\n');
        string[] now = after.Split('\n');
        string lines = string.Join(
            '\n', old.Except(now).Select(line => "- " + line).Concat(now.Except(old).Select(line => "+ " + line)));
        return lines.Length > 0 || before == after ? lines : "the same lines in another order:\n" + after;
    }

    private static async Task<string> TakeAsync(ClusterNode node) => Numbers().Replace(
        await node.ShellAsync(
            string.Join("; ", Commands.Select(command => $"echo '# {command}'; {command}")) + "; true"),
        "");

    // A bridge's timers tick, pods' links get new numbers.
    [GeneratedRegex(@"\b[a-z_]+_timer +[0-9.]+", RegexOptions.None, 1000)]
    private static partial Regex Numbers();
}

using System;
using System.Diagnostics;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Xunit;

namespace EdgeMesh.SystemTests.Fixtures;

/// <summary>Everything of a node's network that we could have changed, as text to compare.</summary>
internal static partial class KernelDump
{
    /// <summary>What is printed, by a shell in the node's namespace.</summary>
    public static readonly string[] Commands =
    [
        "ip -d addr",
        "ip rule",
        "ip -6 rule",
        "ip route show table all",
        "ip -6 route show table all",
        "nft -s list ruleset",
        "sysctl -e net.ipv4.ip_forward net.ipv4.conf.all.rp_filter net.ipv6.conf.all.forwarding",
    ];

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The dump once the kernel has come to rest: after a link came up, the kernel itself adds addresses and routes,
    /// and a bridge changes its state, for about a second.
    /// </summary>
    /// <param name="runAsync">Runs a shell command in the node's namespace and gives what it printed.</param>
    public static async Task<string> SettledAsync(Func<string, Task<string>> runAsync)
    {
        var clock = Stopwatch.StartNew();
        string last = await TakeAsync(runAsync);
        while (clock.Elapsed < Patience)
        {
            await Task.Delay(Interval);
            string next = await TakeAsync(runAsync);
            if (next == last && !next.Contains("tentative", StringComparison.Ordinal))
            {
                return next;
            }

            last = next;
        }

        Assert.Fail($"the node's network does not come to rest:\n{last}");
        return last;
    }

    /// <summary>Compares; what fails names the lines that came and went.</summary>
    public static void AssertSame(string before, string after) =>
        Assert.True(before == after, Difference(before, after));

    /// <summary>The lines that only one of two dumps has.</summary>
    public static string Difference(string before, string after)
    {
        string[] old = before.Split('\n');
        string[] now = after.Split('\n');
        return string.Join(
            '\n', old.Except(now).Select(line => "- " + line).Concat(now.Except(old).Select(line => "+ " + line)));
    }

    /// <summary>The dump as it is now.</summary>
    /// <param name="runAsync">Runs a shell command in the node's namespace and gives what it printed.</param>
    public static async Task<string> TakeAsync(Func<string, Task<string>> runAsync) =>
        Timers().Replace(
            await runAsync(string.Join("; ", Commands.Select(command => $"echo '# {command}'; {command}"))), "");

    // A bridge's timers tick.
    [GeneratedRegex(@"\b[a-z_]+_timer +[0-9.]+", RegexOptions.None, 1000)]
    private static partial Regex Timers();
}

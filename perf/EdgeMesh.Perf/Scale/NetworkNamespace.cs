using System;
using System.Collections.Generic;
using System.CommandLine.Parsing;
using System.ComponentModel;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Lab.Running;

namespace EdgeMesh.Perf.Scale;

/// <summary>
/// Runs this program again in a network namespace that goes when it ends: the machine's own is not touched.
/// </summary>
internal static class NetworkNamespace
{
    /// <summary>Tells the program that it is inside.</summary>
    public const string Inside = "--inside";

    private const string Script = "ip link set dev lo up && exec \"$@\"";

    /// <summary>Runs the same command inside; its output is ours.</summary>
    /// <param name="words">The words after the program's name.</param>
    /// <param name="stop">Ends it as a signal would.</param>
    /// <returns>Its exit code.</returns>
    /// <exception cref="PerfException">It can't be started.</exception>
    public static async Task<int> RunInsideAsync(IEnumerable<Token> words, CancellationToken stop)
    {
        var start = new ProcessStartInfo("unshare") { UseShellExecute = false };
        string[] all =
        [
            "--net", "--", "sh", "-c", Script, "sh", Environment.ProcessPath!, .. words.Select(word => word.Value),
            Inside,
        ];
        foreach (string word in all)
        {
            start.ArgumentList.Add(word);
        }

        using Process inside = Begin(start);
        await using CancellationTokenRegistration ending = stop.Register(() =>
            _ = Command.RunAsync(["sh", "-c", "kill -TERM \"$1\"", "sh", $"{inside.Id}"]));
        await inside.WaitForExitAsync(CancellationToken.None);
        return inside.ExitCode;
    }

    private static Process Begin(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start) ?? throw new PerfException("unshare did not start");
        }
        catch (Win32Exception missing)
        {
            throw new PerfException($"unshare can't be started ({missing.Message}): install util-linux", missing);
        }
    }
}

using System;
using System.CommandLine;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.ControlPlane.Health;
using EdgeMesh.ControlPlane.Kernel;
using EdgeMesh.Logging;
using EdgeMesh.Metrics;

namespace EdgeMesh.ControlPlane.Uninstall;

/// <summary>The command <c>cleanup</c> and its options.</summary>
internal static class CleanupCommand
{
    // Somebody else may still be ending: the agents of the DaemonSet that is being deleted.
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    /// <summary>Makes the command.</summary>
    /// <param name="tun">The option that names the TUN link.</param>
    /// <param name="level">The option of all commands.</param>
    /// <param name="run">Runs what it is given.</param>
    internal static Command Create(
        Option<string> tun, Option<string> level,
        Func<string, CancellationToken, Func<StructuredLog, CancellationToken, Task<int>>, Task<int>> run)
    {
        var thenWait = new Option<bool>("--then-wait")
        {
            Description = "try until nothing is left, then stay until told to end, ready: for uninstall's DaemonSet",
        };
        Option<HealthAddress> health = HealthAddress.Option("127.0.0.1:9467");
        var command = new Command("cleanup",
            "Removes every kernel object that edgemesh made, and only those; stop its processes first.")
        {
            tun, thenWait, health, level,
        };
        command.SetAction((parsed, cancel) =>
        {
            string link = parsed.GetValue(tun)!;
            IPEndPoint? endPoint = parsed.GetValue(health)!.EndPoint;
            bool waits = parsed.GetValue(thenWait);
            return run(parsed.GetValue(level)!, cancel, (log, stop) =>
                waits ? WaitAsync(link, endPoint, log, stop) : OnceAsync(link, log, stop));
        });
        return command;
    }

    private static async Task<int> OnceAsync(string tun, StructuredLog log, CancellationToken stop) =>
        await KernelCleanup.RunAsync(tun, log, stop) ? ExitCodes.Success : ExitCodes.Failure;

    // Goes on looking: an agent that ends late may have put something back.
    private static async Task<int> WaitAsync(
        string tun, IPEndPoint? endPoint, StructuredLog log, CancellationToken stop)
    {
        string? left = "nothing has been looked at yet";
        using MetricsServer? server = endPoint is null
            ? null
            : new MetricsServer(
                endPoint,
                new MetricsPages(static _ => { }, static () => null, () => Volatile.Read(ref left)),
                new ScrapeLog(new ScrapeCounts(), log), "--health");
        try
        {
            while (true)
            {
                bool isClean = await KernelCleanup.RunAsync(tun, left is null ? StructuredLog.None : log, stop);
                Volatile.Write(ref left, isClean ? null : "something is left; the log names it");
                await Task.Delay(RetryInterval, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return left is null ? ExitCodes.Success : ExitCodes.Failure;
        }
    }
}

using System;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Perf.Scale.Api;

namespace EdgeMesh.Perf.Scale;

/// <summary>The process that stands for the API server: a simulated cluster behind some ports.</summary>
/// <remarks>
/// Besides the API each port answers <c>/simulation/counts</c> (a line per port: bytes received, bytes sent, requests,
/// connections), <c>/simulation/creations?from=N</c> (see <see cref="SimulatedCluster.Creations"/>) and
/// <c>/simulation/changes?perMinute=N</c>.
/// </remarks>
internal static class StandInProcess
{
    /// <summary>Begins the line that says the ports, on the standard output, once everything is there.</summary>
    public const string Ready = "ports";

    private const string Own = "/simulation/";

    /// <summary>Runs until stopped.</summary>
    /// <param name="plan">The cluster.</param>
    /// <param name="ports">How many ports, so that clients are counted apart.</param>
    /// <param name="terminal">Where the ports are told.</param>
    /// <param name="stop">Ends it.</param>
    public static async Task RunAsync(ScalePlan plan, int ports, Terminal terminal, CancellationToken stop)
    {
        var cluster = new SimulatedCluster(plan);
        var router = new ApiRouter(cluster);
        ApiPort[] all = [.. Enumerable.Range(0, ports).Select(_ => new ApiPort())];
        try
        {
            await terminal.Output.WriteLineAsync(
                $"{Ready} {string.Join(' ', all.Select(port => port.Port.ToString(CultureInfo.InvariantCulture)))}");
            await terminal.Output.FlushAsync(stop);
            await Task.WhenAll(
                all.Select(port => port.RunAsync(AnswerAsync, stop)).Append(cluster.RunAsync(stop)));
        }
        finally
        {
            foreach (ApiPort port in all)
            {
                port.Dispose();
            }
        }

        Task AnswerAsync(ApiRequest request, ApiConnection connection, CancellationToken cancel) =>
            request.Path.StartsWith(Own, StringComparison.Ordinal)
                ? connection.AnswerAsync(request, 200, Answer(request, cluster, all), cancel)
                : router.AnswerAsync(request, connection, cancel);
    }

    private static byte[] Answer(ApiRequest request, SimulatedCluster cluster, ApiPort[] ports)
    {
        switch (request.Path[Own.Length..])
        {
            case "counts":
                return Encoding.ASCII.GetBytes(string.Concat(ports.Select(port => string.Create(
                    CultureInfo.InvariantCulture,
                    $"{port.Counts.Received} {port.Counts.Sent} {port.Counts.Requests} {port.Counts.Connections}\n"))));
            case "creations":
                return cluster.Creations((int)request.Number("from", 0));
            case "changes":
                cluster.ChangesPerMinute = request.Number("perMinute", 0);
                return [];
            default:
                return [];
        }
    }
}

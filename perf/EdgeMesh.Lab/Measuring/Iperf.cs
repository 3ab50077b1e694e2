using System;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Lab.Running;

namespace EdgeMesh.Lab.Measuring;

/// <summary>TCP throughput between two pods by <c>iperf3</c>, as the receiver counts it.</summary>
public static partial class Iperf
{
    private const string Port = "5201";

    /// <summary>Runs a server in one pod and a client in the other.</summary>
    /// <param name="from">The sending pod.</param>
    /// <param name="to">The receiving pod.</param>
    /// <param name="flows">Parallel connections.</param>
    /// <param name="duration">Of the measurement; a short warm-up comes before it.</param>
    /// <returns>Payload rate, Gbit/s.</returns>
    public static async Task<double> RunAsync(LabPod from, LabPod to, int flows, TimeSpan duration)
    {
        await using LabProcess server = to.Network.Start("iperf3", ["iperf3", "-s", "-1", "-p", Port, "--forceflush"]);
        await WaitForListenerAsync(to.Network, server);
        string seconds = Math.Ceiling(duration.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        CommandResult result = await from.Network.RunAsync(
            [
                "iperf3", "-c", to.Plan.Address4.ToString(), "-p", Port, "-C", "cubic", "-O", "1", "-t", seconds,
                "-P", flows.ToString(CultureInfo.InvariantCulture), "-J",
            ],
            input: null,
            timeout: duration + TimeSpan.FromSeconds(20));
        using var report = JsonDocument.Parse(result.OrThrow().Output);
        return report.RootElement.GetProperty("end").GetProperty("sum_received")
            .GetProperty("bits_per_second").GetDouble() / 1e9;
    }

    private static async Task WaitForListenerAsync(LabNamespace space, LabProcess server)
    {
        const int AttemptsMax = 250;
        for (int i = 0; i < AttemptsMax && server.IsRunning; i++)
        {
            if (Listening().IsMatch(space.ReadFile("/proc/net/tcp6") + space.ReadFile("/proc/net/tcp")))
            {
                return;
            }

            await Task.Delay(20);
        }

        throw new LabException($"iperf3 does not listen: {server.Output} {server.Log}");
    }

    // Local port 5201 in hexadecimal, any far end, state 0A (LISTEN).
    [GeneratedRegex(":1451 [0-9A-F]+:0000 0A", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Listening();
}

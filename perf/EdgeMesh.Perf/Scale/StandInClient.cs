using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.Perf.Scale;

/// <summary>Asks the stand-in API server about itself, at a port that nobody else uses.</summary>
internal sealed class StandInClient(int port) : IDisposable
{
    private readonly HttpClient _http = new()
    {
        BaseAddress = new Uri($"http://127.0.0.1:{port}/simulation/"),
        Timeout = TimeSpan.FromSeconds(10),
    };

    /// <summary>Bytes that a port has received and sent, requests, connections.</summary>
    public async Task<PortCounts> CountsAsync(int index, CancellationToken stop)
    {
        string text = await _http.GetStringAsync("counts", stop);
        long[] counts = Numbers(text.Split('\n')[index]);
        return new PortCounts(counts[0], counts[1], counts[2], counts[3]);
    }

    /// <summary>The pods that came, from a number on.</summary>
    public async Task<IReadOnlyList<PodCreation>> CreationsAsync(int from, CancellationToken stop)
    {
        string text = await _http.GetStringAsync(
            string.Create(CultureInfo.InvariantCulture, $"creations?from={from}"), stop);
        return
        [
            .. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Numbers)
                .Select(numbers => new PodCreation((int)numbers[0], (uint)numbers[1], numbers[2])),
        ];
    }

    /// <summary>Sets how many pods go, and as many come, per minute.</summary>
    public async Task ChangeAsync(int perMinute, CancellationToken stop) => await _http.GetStringAsync(
        string.Create(CultureInfo.InvariantCulture, $"changes?perMinute={perMinute}"), stop);

    /// <summary>Ends it.</summary>
    public void Dispose() => _http.Dispose();

    private static long[] Numbers(string line) =>
        [.. line.Split(' ').Select(word => long.Parse(word, CultureInfo.InvariantCulture))];
}

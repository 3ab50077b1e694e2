using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Lab.Measuring;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Lab.Running;
using EdgeMesh.Lab.Topologies;
using EdgeMesh.Traffic;

namespace EdgeMesh.Lab.Demo;

/// <summary>Three sites on this machine: what the product does, seen with one's own eyes, in a few minutes.</summary>
internal sealed class Demonstration
{
    private const long FileBytes = 64L << 20;
    private const long PacedBytesPerSecond = 40_000_000;
    private const long PacedBytes = 6 * PacedBytesPerSecond;
    private static readonly TimeSpan PartTimeout = TimeSpan.FromSeconds(60);

    private readonly Narrator _narrator = new();
    private readonly bool _isPlain;
    private readonly LabNetwork _lab;
    private LabMesh? _mesh;

    private Demonstration(LabNetwork lab, bool isPlain)
    {
        _lab = lab;
        _isPlain = isPlain;
    }

    /// <summary>Runs it whole.</summary>
    /// <param name="isPlain">Without the product: the kernel routes. Tries out the lab itself.</param>
    /// <returns>0 if everything held, else 1.</returns>
    public static async Task<int> RunAsync(bool isPlain)
    {
        Console.WriteLine("EdgeMesh: pods of three sites reach each other by pod address, through encrypted tunnels.");
        Console.WriteLine("Everything below happens in network namespaces; this machine's own network stays as it is.");
        await using LabNetwork lab = await LabNetwork.UpAsync(
            Topology.ThreeSites(), new LabOptions { IsPlainRouting = isPlain });
        var demonstration = new Demonstration(lab, isPlain);
        try
        {
            return await demonstration.RunPartsAsync() ? 0 : 1;
        }
        catch (LabException failure)
        {
            Console.WriteLine();
            Console.WriteLine("FAIL " + failure.Message);
            Console.WriteLine($"Logs: {lab.LogDirectory}");
            return 1;
        }
        finally
        {
            if (demonstration._mesh is { } mesh)
            {
                await mesh.DisposeAsync();
            }
        }
    }

    private async Task<bool> RunPartsAsync()
    {
        await BuildAsync();
        await PingAllPairsAsync();
        await MoveFileAsync();
        await ExchangeDatagramsAsync();
        if (_mesh is not null)
        {
            await KillDataplaneAsync(_mesh);
            await ShowAsync(_mesh.Node("cloud-1"));
        }

        await CompareThroughputAsync();
        _narrator.Summary();
        Console.WriteLine($"  logs of all processes: {_lab.LogDirectory}");
        return _narrator.IsAllGood;
    }

    private async Task BuildAsync()
    {
        _narrator.Part("The lab");
        _narrator.Say("""
              cloud                       edge-a                      edge-b
            +------------------------+  +------------------------+  +------------------------+
            | pod1 10.244.1.11       |  | pod1 10.244.5.11       |  | pod1 10.244.6.11       |
            |      fd00:1::b         |  |      fd00:5::b         |  |      fd00:6::b         |
            | pod2 10.244.1.12       |  | pod2 10.244.5.12       |  | pod2 10.244.6.12       |
            |      fd00:1::c         |  |      fd00:5::c         |  |      fd00:6::c         |
            |  cni0 | edge_tun0      |  |  cni0 | edge_tun0      |  |  cni0 | edge_tun0      |
            |  edgemesh-dataplane    |  |  edgemesh-dataplane    |  |  edgemesh-dataplane    |
            |  edgemesh-control      |  |  edgemesh-control      |  |  edgemesh-control      |
            +-- 10.99.0.1 -----------+  +-- 10.99.0.5 -----------+  +-- 10.99.0.6 -----------+
                    |                           |                           |
            ========+=========== underlay: knows nothing of the pods =======+=================
            """);
        _narrator.Say($"lab {_lab.Id}: {_lab.Nodes.Count} nodes, {_lab.Pods.Count()} pods, one namespace each");
        if (_isPlain)
        {
            _narrator.Say("plain routing: no tunnel in this run");
            return;
        }

        long start = Stopwatch.GetTimestamp();
        _mesh = await LabMesh.StartAsync(_lab, new MeshOptions());
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        _narrator.Say("mesh.yaml, the same on each node:");
        _narrator.Say(_mesh.Document.ToYaml());
        _narrator.Outcome(
            "mesh is up",
            isGood: true,
            $"3 nodes made keys, started and connected to each other in {elapsed.TotalMilliseconds:0} ms");
    }

    private async Task PingAllPairsAsync()
    {
        _narrator.Part("Each pod pings each other pod, IPv4 and IPv6 (median round trip, microseconds)");
        foreach (bool isIpv6 in (bool[])[false, true])
        {
            var rows = new List<(string Row, double[] Medians)>();
            foreach (LabPod from in _lab.Pods)
            {
                PingRun[] runs = await Task.WhenAll(_lab.Pods.Select(
                    to => PingRun.RunAsync(from.Network, to.Address(isIpv6), 5, TimeSpan.FromMilliseconds(20))));
                rows.Add((from.Name, [.. runs.Select(run => run.IsWhole ? run.Median : double.NaN)]));
            }

            _narrator.Say((isIpv6 ? "IPv6" : "IPv4").PadRight(16) +
                string.Concat(_lab.Pods.Select(pod => pod.Name.PadLeft(14))));
            foreach ((string row, double[] medians) in rows)
            {
                _narrator.Say(row.PadRight(16) + string.Concat(
                    medians.Select(median => double.IsNaN(median) ? "LOST".PadLeft(14) : $"{median,14:0}")));
            }

            int all = rows.Sum(row => row.Medians.Length);
            int good = rows.Sum(row => row.Medians.Count(median => !double.IsNaN(median)));
            _narrator.Outcome(
                isIpv6 ? "ping, IPv6" : "ping, IPv4", good == all, $"{good} of {all} pairs answered every request");
        }
    }

    private async Task MoveFileAsync()
    {
        _narrator.Part("A file from edge-a to the cloud, by TCP");
        string source = Path.Combine(_lab.Directory, "file");
        string target = Path.Combine(_lab.Directory, "file.received");
        await FileTransfer.MakeAsync(source, seed: 7, FileBytes);
        using var limit = new CancellationTokenSource(PartTimeout);
        long start = Stopwatch.GetTimestamp();
        LabPod to = _lab.Pod("cloud-1-pod1");
        using Socket listener = to.Network.Listen(new IPEndPoint(to.Plan.Address4, 0));
        using (Socket socket = await _lab.Pod("edge-a-pod1").Network.ConnectAsync(
            (IPEndPoint)listener.LocalEndPoint!, limit.Token))
        {
            await FileTransfer.MoveAsync(listener, socket, source, target, limit.Token);
        }

        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        string sent = await FileTransfer.ChecksumAsync(source);
        string received = await FileTransfer.ChecksumAsync(target);
        File.Delete(source);
        File.Delete(target);
        _narrator.Say($"sent     sha256 {sent}");
        _narrator.Say($"received sha256 {received}");
        _narrator.Outcome(
            "file by TCP",
            sent == received,
            $"{FileBytes >> 20} MiB in {elapsed.TotalSeconds:0.00} s, "
            + $"checksums {(sent == received ? "equal" : "DIFFER")}");
    }

    private async Task ExchangeDatagramsAsync()
    {
        _narrator.Part("Datagrams from edge-b to edge-a and back, of 0 to 65507 bytes");
        LabPod from = _lab.Pod("edge-b-pod1");
        LabPod to = _lab.Pod("edge-a-pod2");
        using var limit = new CancellationTokenSource(PartTimeout);
        int sent = 0;
        int received = 0;
        await using var echo = new UdpEcho(to.Network.BindUdp(new IPEndPoint(to.Plan.Address4, 0)));
        foreach (int size in (int[])[0, 1, 64, 1200, 1472, 1473, 9000, 65507])
        {
            using Socket socket = from.Network.OpenSocket(
                AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            UdpResult result = await UdpExchange.RunAsync(socket, echo.EndPoint, size, 20, limit.Token);
            _narrator.Say($"{size,6} bytes: {result.Received} of {result.Sent} came back unchanged");
            sent += result.Sent;
            received += result.Received;
        }

        bool isOwnSource = echo.Sources.Keys.All(from.Plan.Address4.Equals);
        _narrator.Say($"source the far pod saw: {string.Join(", ", echo.Sources.Keys)}");
        _narrator.Outcome(
            "UDP exchange",
            received == sent && isOwnSource,
            $"{received} of {sent} echoes; "
            + $"the far pod saw {(isOwnSource ? "the pod's own address" : "ANOTHER ADDRESS")}");
    }

    private async Task KillDataplaneAsync(LabMesh mesh)
    {
        _narrator.Part("kill -9 edge-a's dataplane under a running TCP transfer, and start it again");
        LabPod from = _lab.Pod("edge-a-pod1");
        LabPod to = _lab.Pod("edge-b-pod2");
        using var limit = new CancellationTokenSource(PartTimeout);
        await using var sink = new TcpSink(to.Network.Listen(new IPEndPoint(to.Plan.Address4, 0)));
        await using var watch = new StallWatch(() => sink.Bytes);
        using Socket socket = await from.Network.ConnectAsync(sink.EndPoint, limit.Token);
        Task<TransferResult> sending = TcpSource.SendAsync(
            socket, seed: 9, PacedBytes, progress: null, limit.Token, PacedBytesPerSecond);
        await Task.Delay(TimeSpan.FromSeconds(2), limit.Token);
        MeshNode node = mesh.Node("edge-a");
        _narrator.Say($"{sink.Bytes >> 20} MiB arrived; kill -9 {node.Dataplane!.Id}");
        await node.Dataplane.KillAsync();
        LabProcess again = node.StartDataplane();
        _narrator.Say($"started again as process {again.Id}; the transfer was not told");
        TransferResult result = await sending;
        TimeSpan stall = await watch.StopAsync();
        _narrator.Outcome(
            "restart under TCP",
            result.IsIntact,
            $"the connection lived on: {result.Bytes >> 20} MiB with equal checksums, "
            + $"longest pause {stall.TotalMilliseconds:0} ms");
        await mesh.WaitUntilConnectedAsync();
    }

    private async Task ShowAsync(MeshNode node)
    {
        _narrator.Part($"What the operator sees on {node.Name}");
        bool isGood = true;
        foreach (string verb in (string[])["status", "peers", "routes"])
        {
            CommandResult result = await node.RunCliAsync(verb);
            isGood &= result.IsSuccess && result.Output.Length > 0;
            _narrator.Say($"$ edgemesh {verb}");
            _narrator.Say(result.Output + result.ErrorOutput + "\n ");
        }

        _narrator.Outcome("operator's commands", isGood, "status, peers and routes answer");
    }

    private async Task CompareThroughputAsync()
    {
        _narrator.Part("Throughput, beside the same three nodes without a tunnel (iperf3, Gbit/s)");
        await using LabNetwork plain = await LabNetwork.UpAsync(
            Topology.ThreeSites(), new LabOptions { IsPlainRouting = true });
        TimeSpan window = TimeSpan.FromSeconds(2);
        foreach (int flows in (int[])[1, 4])
        {
            var here = new List<double>();
            var there = new List<double>();
            for (int round = 0; round < 3; round++)
            {
                there.Add(await Iperf.RunAsync(plain.Pod("edge-a-pod1"), plain.Pod("cloud-1-pod1"), flows, window));
                here.Add(await Iperf.RunAsync(_lab.Pod("edge-a-pod1"), _lab.Pod("cloud-1-pod1"), flows, window));
            }

            double tunnel = Percentiles.Median(here);
            double routed = Percentiles.Median(there);
            _narrator.Outcome(
                flows == 1 ? "TCP, 1 flow" : $"TCP, {flows} flows",
                tunnel > 0,
                $"{tunnel:0.00} Gbit/s encrypted, {routed:0.00} by plain routing: {tunnel / routed:0.00} of it");
        }
    }
}

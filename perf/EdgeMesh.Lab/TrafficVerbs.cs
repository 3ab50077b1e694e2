using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Traffic;

namespace EdgeMesh.Lab;

/// <summary>
/// The traffic tools as commands, for the namespace they are started in. Each prints one line of JSON and ends with
/// 0 if all went well.
/// </summary>
internal static class TrafficVerbs
{
    public const string Usage = """
        traffic tcp-server --listen ADDR:PORT [--seconds N]
        traffic tcp-send   --to ADDR:PORT [--bytes N] [--seed N] [--seconds N]
        traffic udp-echo   --listen ADDR:PORT [--seconds N]
        traffic udp-send   --to ADDR:PORT [--size N] [--count N] [--seconds N]
        traffic udp-flood  --to ADDR:PORT [--size N] [--seconds N]
        """;

    private const long SecondsDefault = 60;

    public static async Task<int> RunAsync(string verb, Arguments arguments)
    {
        TimeSpan duration = TimeSpan.FromSeconds(arguments.Number("seconds", SecondsDefault));
        using var limit = new CancellationTokenSource(duration);
        switch (verb)
        {
            case "tcp-server":
                return await ServeTcpAsync(arguments.EndPoint("listen"), limit.Token);
            case "tcp-send":
                return await SendTcpAsync(arguments, limit.Token);
            case "udp-echo":
                return await ServeUdpAsync(arguments.EndPoint("listen"), limit.Token);
            case "udp-send":
                return await SendUdpAsync(arguments, limit.Token);
            case "udp-flood":
                return await FloodAsync(arguments.EndPoint("to"), (int)arguments.Number("size", 64), limit.Token);
            default:
                await Console.Error.WriteLineAsync(Usage);
                return 2;
        }
    }

    private static async Task<int> ServeTcpAsync(IPEndPoint endPoint, CancellationToken end)
    {
        var listener = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(endPoint);
        listener.Listen(1024);
        await using var sink = new TcpSink(listener);
        await UntilAsync(end);
        Print(("bytes", sink.Bytes), ("connections", sink.Sources.Count));
        return 0;
    }

    private static async Task<int> SendTcpAsync(Arguments arguments, CancellationToken end)
    {
        IPEndPoint to = arguments.EndPoint("to");
        using var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(to, end);
        TransferResult result = await TcpSource.SendAsync(
            socket, (int)arguments.Number("seed", 1), arguments.Number("bytes", 1 << 26), progress: null, end);
        Print(
            ("bytes", result.Bytes), ("seconds", result.Duration.TotalSeconds),
            ("sha256", result.Sha256), ("intact", result.IsIntact));
        return result.IsIntact ? 0 : 1;
    }

    private static async Task<int> ServeUdpAsync(IPEndPoint endPoint, CancellationToken end)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(endPoint);
        await using var echo = new UdpEcho(socket);
        await UntilAsync(end);
        Print(("sources", echo.Sources.Count));
        return 0;
    }

    private static async Task<int> SendUdpAsync(Arguments arguments, CancellationToken end)
    {
        IPEndPoint to = arguments.EndPoint("to");
        using var socket = new Socket(to.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        long start = Stopwatch.GetTimestamp();
        UdpResult result = await UdpExchange.RunAsync(
            socket, to, (int)arguments.Number("size", 64), (int)arguments.Number("count", 100), end);
        Print(
            ("sent", result.Sent), ("received", result.Received), ("corrupt", result.Corrupt),
            ("seconds", Stopwatch.GetElapsedTime(start).TotalSeconds));
        return result.Received == result.Sent ? 0 : 1;
    }

    private static async Task<int> FloodAsync(IPEndPoint to, int sizeBytes, CancellationToken end)
    {
        using var socket = new Socket(to.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(to);
        var counters = new FlowCounters();
        var stop = new StopFlag();
        await using CancellationTokenRegistration registration = end.Register(stop.Set);
        long start = Stopwatch.GetTimestamp();
        await Task.Run(() => UdpFlow.Send(socket, sizeBytes, perSecond: 0, counters, stop), CancellationToken.None);
        Print(("sent", counters.Packets), ("seconds", Stopwatch.GetElapsedTime(start).TotalSeconds));
        return 0;
    }

    private static async Task UntilAsync(CancellationToken end)
    {
        var ended = new TaskCompletionSource();
        await using CancellationTokenRegistration registration = end.Register(ended.SetResult);
        await ended.Task;
    }

    private static void Print(params (string Name, object Value)[] fields)
    {
        var words = new List<string>();
        foreach ((string name, object value) in fields)
        {
            string text = value switch
            {
                string words1 => $"\"{words1}\"",
                bool flag => flag ? "true" : "false",
                double number => number.ToString("0.######", CultureInfo.InvariantCulture),
                _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
            };
            words.Add($"\"{name}\":{text}");
        }

        Console.WriteLine("{" + string.Join(',', words) + "}");
    }
}

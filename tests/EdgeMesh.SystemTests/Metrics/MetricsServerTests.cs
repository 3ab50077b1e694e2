using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Metrics;
using EdgeMesh.Logging;
using Xunit;

namespace EdgeMesh.SystemTests.Metrics;

public sealed class MetricsServerTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ScrapeCounts _counts = new();
    private readonly StringWriter _lines = new();
    private readonly ScrapeLog _log;
    private readonly MetricsServer _server;

    public MetricsServerTests()
    {
        _log = new ScrapeLog(_counts, new StructuredLog(_lines));
        _server = new MetricsServer(
            new IPEndPoint(IPAddress.Loopback, 0),
            new MetricsPages(writer => writer.Single("a_total", MetricType.Counter, "h", 7)),
            _log);
    }

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task Get_metrics_answers_the_text_format()
    {
        string response = await AskAsync("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", response, StringComparison.Ordinal);
        Assert.Contains(
            "\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n", response, StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Length: 50\r\n", response, StringComparison.Ordinal);
        Assert.EndsWith(
            "\r\n\r\n# HELP a_total h\n# TYPE a_total counter\na_total 7\n", response, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET /metrics?collect=x HTTP/1.1", "200 OK")]
    [InlineData("GET /metrics HTTP/1.0", "200 OK")]
    [InlineData("GET http://127.0.0.1:9464/metrics HTTP/1.1", "200 OK")]
    [InlineData("GET / HTTP/1.1", "404 Not Found")]
    [InlineData("GET http://127.0.0.1:9464 HTTP/1.1", "404 Not Found")]
    [InlineData("GET /metrics/ HTTP/1.1", "404 Not Found")]
    [InlineData("GET /metricsx HTTP/1.1", "404 Not Found")]
    [InlineData("POST /metrics HTTP/1.1", "405 Method Not Allowed")]
    [InlineData("get /metrics HTTP/1.1", "405 Method Not Allowed")]
    [InlineData("GET /metrics HTTP/2.0", "400 Bad Request")]
    [InlineData("GET /met rics HTTP/1.1", "400 Bad Request")]
    [InlineData("GET /metrics", "400 Bad Request")]
    [InlineData("GET  HTTP/1.1", "400 Bad Request")]
    [InlineData(" /metrics HTTP/1.1", "400 Bad Request")]
    [InlineData("", "400 Bad Request")]
    [InlineData("\u0016\u0003\u0001", "400 Bad Request")]
    public async Task Each_request_line_gets_its_status(string line, string status)
    {
        string response = await AskAsync(line + "\r\nHost: x\r\n\r\n");
        Assert.StartsWith($"HTTP/1.1 {status}\r\n", response, StringComparison.Ordinal);
        Assert.Contains("\r\nConnection: close\r\n", response, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_refused_is_counted_and_said_once()
    {
        for (int i = 0; i < 3; i++)
        {
            await AskAsync("GET / HTTP/1.1\r\n\r\n");
        }

        await WaitForAsync("refused", 3);
        Assert.Single(
            _lines.ToString().Split('\n'), line => line.Contains(" warn scrape_refused ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Wrong_method_is_told_the_right_ones() =>
        Assert.Contains(
            "\r\nAllow: GET, HEAD\r\n", await AskAsync("PUT /metrics HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);

    [Fact]
    public async Task Head_answers_the_same_head_without_a_body()
    {
        string response = await AskAsync("HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.Contains("\r\nContent-Length: 50\r\n", response, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", response, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_may_come_byte_by_byte()
    {
        using Socket client = await ConnectAsync();
        foreach (byte one in "GET /metrics HTTP/1.1\r\n\r\n"u8.ToArray())
        {
            await client.SendAsync(new[] { one });
        }

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", await ReadAsync(client), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_over_the_limit_is_refused()
    {
        string response = await AskAsync("GET /metrics HTTP/1.1\r\nX: "
            + new string('a', MetricsLimits.RequestBytesMax) + "\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 431 ", response, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/healthz", null, "200 OK", "ok")]
    [InlineData("/healthz", "worker-0 stands still", "503 Service Unavailable", "worker-0 stands still")]
    [InlineData("/readyz?verbose", null, "200 OK", "ok")]
    [InlineData("/readyz", "no mesh document yet", "503 Service Unavailable", "no mesh document yet")]
    public async Task Probes_are_answered_with_ok_or_with_what_is_wrong(
        string path, string? fault, string status, string body)
    {
        MetricsPages pages = path == "/healthz"
            ? new MetricsPages(_ => { }, Health: () => fault, Readiness: () => "the other one")
            : new MetricsPages(_ => { }, Health: () => "the other one", Readiness: () => fault);
        using var server = new MetricsServer(new IPEndPoint(IPAddress.Loopback, 0), pages, _log);
        string response = await AskAsync($"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n", server);
        Assert.StartsWith($"HTTP/1.1 {status}\r\n", response, StringComparison.Ordinal);
        Assert.EndsWith($"\r\n\r\n{body}\n", response, StringComparison.Ordinal);
        await WaitForAsync("served");
        Assert.Equal("", _lines.ToString());
    }

    [Fact]
    public async Task Probes_are_not_there_unless_given() =>
        Assert.StartsWith(
            "HTTP/1.1 404 ", await AskAsync("GET /healthz HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);

    [Fact]
    public async Task Half_a_request_is_closed_without_an_answer()
    {
        using Socket client = await ConnectAsync();
        await client.SendAsync("GET /metr"u8.ToArray());
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal("", await ReadAsync(client));
    }

    [Fact]
    public async Task Connections_over_the_limit_are_closed_and_the_others_served()
    {
        List<Socket> idle = [];
        try
        {
            for (int i = 0; i < MetricsLimits.ConnectionsMax; i++)
            {
                idle.Add(await ConnectAsync());
            }

            using (Socket tooMany = await ConnectAsync())
            {
                Assert.True(await IsClosedAsync(tooMany));
            }

            await WaitForAsync("too_many");

            await idle[3].SendAsync("GET /metrics HTTP/1.1\r\n\r\n"u8.ToArray());
            Assert.StartsWith("HTTP/1.1 200 OK\r\n", await ReadAsync(idle[3]), StringComparison.Ordinal);
        }
        finally
        {
            idle.ForEach(socket => socket.Dispose());
        }
    }

    [Fact]
    public async Task Slow_request_is_cut_at_its_time()
    {
        using var server = new MetricsServer(
            new IPEndPoint(IPAddress.Loopback, 0), new MetricsPages(_ => { }), _log,
            requestTime: TimeSpan.FromMilliseconds(20));
        using Socket client = await ConnectAsync(server);
        await client.SendAsync("GET /metrics HTTP/1.1\r\n"u8.ToArray());
        Assert.True(await IsClosedAsync(client));
        await WaitForAsync("cut");
    }

    [Fact]
    public async Task Many_scrapes_at_once_do_not_mix()
    {
        string[] responses = await Task.WhenAll(
            Enumerable.Range(0, MetricsLimits.ConnectionsMax - 1).Select(_ =>
                AskAsync("GET /metrics HTTP/1.1\r\n\r\n")));
        Assert.All(responses, response => Assert.EndsWith("counter\na_total 7\n", response, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Failing_scrape_ends_its_connection_only()
    {
        int calls = 0;
        using var server = new MetricsServer(new IPEndPoint(IPAddress.IPv6Loopback, 0), new MetricsPages(writer =>
        {
            if (Interlocked.Increment(ref calls) == 1)
            {
                throw new InvalidOperationException("no figures today");
            }

            writer.Single("b", MetricType.Gauge, "h", 1.5);
        }), _log);
        Assert.Equal("", await AskAsync("GET /metrics HTTP/1.1\r\n\r\n", server));
        Assert.EndsWith("b 1.5\n", await AskAsync("GET /metrics HTTP/1.1\r\n\r\n", server), StringComparison.Ordinal);
        await WaitForAsync("failed");
        await WaitForAsync("served");
        Assert.Contains(" error scrape_failed from=", _lines.ToString(), StringComparison.Ordinal);
        Assert.Contains("no figures today", _lines.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Port_can_be_used_again_right_after_the_end()
    {
        await AskAsync("GET /metrics HTTP/1.1\r\n\r\n");
        _server.Dispose();
        using var next = new MetricsServer(_server.LocalEndPoint,
            new MetricsPages(writer => writer.Single("c", MetricType.Gauge, "h", 2)), _log);
        Assert.EndsWith("c 2\n", await AskAsync("GET /metrics HTTP/1.1\r\n\r\n", next), StringComparison.Ordinal);
    }

    [Fact]
    public void Taken_port_is_named_with_a_remedy()
    {
        MetricsServerException e = Assert.Throws<MetricsServerException>(
            () => new MetricsServer(_server.LocalEndPoint, new MetricsPages(_ => { }), _log));
        Assert.Equal(
            $"--metrics {_server.LocalEndPoint}: the address is taken by another process; choose another one, or off",
            e.Message);
    }

    [Fact]
    public void Foreign_address_is_named_with_a_remedy()
    {
        MetricsServerException e = Assert.Throws<MetricsServerException>(
            () => new MetricsServer(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0), new MetricsPages(_ => { }), _log));
        Assert.Contains("no link of this node has the address", e.Message, StringComparison.Ordinal);
    }

    // It is counted when the connection is over at our end, a little after it is at the client's.
    private async Task WaitForAsync(string outcome, long count = 1)
    {
        using CancellationTokenSource patience = new(Patience);
        while (_counts.Snapshot().Single(each => each.Label == outcome).Count < count)
        {
            await Task.Delay(1, patience.Token);
        }
    }

    private static async Task<bool> IsClosedAsync(Socket client)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            return await client.ReceiveAsync(new byte[1], patience.Token) == 0;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            return true;
        }
    }

    private async Task<string> AskAsync(string request, MetricsServer? server = null)
    {
        using Socket client = await ConnectAsync(server);
        await client.SendAsync(Encoding.Latin1.GetBytes(request));
        return await ReadAsync(client);
    }

    private async Task<Socket> ConnectAsync(MetricsServer? server = null)
    {
        IPEndPoint endPoint = (server ?? _server).LocalEndPoint;
        var client = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(endPoint);
        return client;
    }

    private static async Task<string> ReadAsync(Socket client)
    {
        using var patience = new CancellationTokenSource(Patience);
        var text = new StringBuilder();
        byte[] buffer = new byte[4096];
        while (true)
        {
            int read = await client.ReceiveAsync(buffer, patience.Token);
            if (read == 0)
            {
                return text.ToString();
            }

            text.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }
    }
}

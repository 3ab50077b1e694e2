using System;
using System.Globalization;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Tasks;
using EdgeMesh.ControlPlane.Installation;
using EdgeMesh.Kubernetes.Access;
using EdgeMesh.Kubernetes.Requests;
using EdgeMesh.Logging;
using Xunit;

namespace EdgeMesh.SystemTests.ControlPlane.Installation;

/// <summary>helm test's client, against an API that says what a test wants, and pods on the loopback.</summary>
public sealed class ReachCheckTests : IDisposable
{
    private const string Leaving = """
        {"metadata":{"name":"old","deletionTimestamp":"2026-01-01T00:00:00Z"},
         "status":{"podIPs":[{"ip":"127.0.0.9"}]}}
        """;

    private readonly TcpListener _pod = new(IPAddress.Loopback, 0);
    private readonly HttpListener _api = new();
    private readonly StringWriter _log = new();
    private readonly Uri _server;

    public ReachCheckTests()
    {
        _pod.Start();
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        int port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        _server = new Uri($"http://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}/");
        _api.Prefixes.Add(_server.ToString());
        _api.Start();
    }

    private int PodPort => ((IPEndPoint)_pod.LocalEndpoint).Port;

    public void Dispose()
    {
        _pod.Dispose();
        _api.Close();
        _log.Dispose();
    }

    [Fact]
    public async Task A_pod_that_comes_late_is_reached_and_one_that_leaves_is_not_asked()
    {
        Task answers = AnswerAsync("", Pod("late", null), Leaving + "," + Pod("late", "127.0.0.1"));
        Assert.True(await CheckAsync(TimeSpan.FromSeconds(30)), _log.ToString());
        await answers;
        Assert.Contains(
            "pod_reached pod=late node=edge-a address=127.0.0.1", _log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_not_reached_is_named_with_its_node()
    {
        _ = AnswerAsync(Pod("deaf", "127.0.0.9"), Pod("deaf", "127.0.0.9"), Pod("deaf", "127.0.0.9"));
        Assert.False(await CheckAsync(TimeSpan.FromSeconds(2)));
        Assert.Contains("pod deaf on node edge-a at 127.0.0.9", _log.ToString(), StringComparison.Ordinal);
    }

    private static string Pod(string name, string? address)
    {
        string addresses = address is null ? "[]" : "[{\"ip\":\"" + address + "\"}]";
        return "{\"metadata\":{\"name\":\"" + name + "\"},\"spec\":{\"nodeName\":\"edge-a\"},"
            + "\"status\":{\"phase\":\"Running\",\"podIPs\":" + addresses + "}}";
    }

    // Each list holds what the next text says.
    private async Task AnswerAsync(params string[] lists)
    {
        foreach (string items in lists)
        {
            HttpListenerContext context;
            try
            {
                context = await _api.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return; // the test is over
            }

            Assert.Equal("/api/v1/namespaces/kubeedge/pods", context.Request.Url!.AbsolutePath);
            Assert.Equal("app=it", context.Request.QueryString["labelSelector"]);
            context.Response.ContentType = "application/json";
            byte[] body = Encoding.UTF8.GetBytes(
                $$"""{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[{{items}}]}""");
            await context.Response.OutputStream.WriteAsync(body);
            context.Response.Close();
        }
    }

    private async Task<bool> CheckAsync(TimeSpan limit)
    {
        using var client = new KubeClient(new KubeAccess { Server = _server, Kind = KubeAccessKind.Kubeconfig });
        var options = new ReachOptions("kubeedge", "app=it", PodPort, limit);
        return await new ReachCheck(client, options, new StructuredLog(_log, LogLevel.Info))
            .RunAsync(TestContext.Current.CancellationToken);
    }
}

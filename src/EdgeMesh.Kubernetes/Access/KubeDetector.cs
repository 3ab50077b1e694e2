using System;
using System.Collections.Generic;
using System.IO;
using System.Net.Http;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.Kubernetes.Access;

/// <summary>Finds the way to the API.</summary>
/// <param name="options">Where to look.</param>
/// <param name="environment">What the process sees.</param>
/// <param name="connect">Makes connections.</param>
/// <remarks>
/// KUBERNETES_SERVICE_PORT does not tell cloud from edge: older edges do not set it, newer ones do, and it may lead to
/// an address that no edge reaches. What tells them apart is metaServer, which listens on an edge node's loopback and
/// nowhere else.
/// </remarks>
internal sealed class KubeDetector(
    KubeDetectionOptions options, KubeEnvironment environment, Func<KubeAccess, HttpMessageHandler> connect)
{
    private const int ProbeBytesMax = 4 * 1024 * 1024;

    internal async Task<KubeDetection> DetectAsync(CancellationToken cancellation)
    {
        if (options.Kubeconfig is not null)
        {
            return new KubeDetection(
                KubeAccess.FromKubeconfig(options.Kubeconfig, options.Context),
                $"kubeconfig {options.Kubeconfig} is set");
        }

        if (options.MetaServer is not null)
        {
            return new KubeDetection(
                KubeAccess.MetaServer(options.MetaServer, options.MetaServerTls), "metaServer's address is set");
        }

        var vain = new List<string>();
        bool isPod = InClusterFiles.TryRead(environment, out KubeAccess? inCluster, out string problem);
        if (isPod && inCluster!.IsMetaServer)
        {
            return new KubeDetection(inCluster, "the service account's API is metaServer: this is an edge node");
        }

        KubeAccess metaServer = KubeAccess.MetaServer();
        // A metaServer keeps the objects that it was asked for: it is asked for something that it has.
        string own = options.NodeName is { Length: > 0 } name
            ? "/api/v1/nodes/" + Uri.EscapeDataString(name)
            : "/api/v1";
        ProbeAnswer answer = await ProbeAsync(metaServer, own, cancellation);
        if (answer.IsApi)
        {
            return new KubeDetection(metaServer, $"metaServer answers at {metaServer.Server}: this is an edge node");
        }

        if (answer.IsSilent)
        {
            // Nothing else listens on that port of a node's own; on a half-dead link each answer takes 10 s.
            return new KubeDetection(
                metaServer, $"something listens at {metaServer.Server} and is slow: taken for metaServer whose link "
                    + "to the cloud hangs");
        }

        vain.Add($"metaServer at {metaServer.Server}: {answer.Problem}");
        if (isPod)
        {
            return await JudgePodAsync(inCluster!, cancellation);
        }

        vain.Add(problem);
        if (options.UsesDefaultKubeconfig)
        {
            if (FindDefaultKubeconfig() is { } path)
            {
                return new KubeDetection(KubeAccess.FromKubeconfig(path, options.Context), $"kubeconfig {path}");
            }

            vain.Add("there is no file in KUBECONFIG and no ~/.kube/config");
        }

        return new KubeDetection(null, $"no way to the Kubernetes API was found; tried: {string.Join("; ", vain)}. "
            + "Give --kubeconfig or --metaserver; at the edge enable modules.metaManager.metaServer in edgecore.yaml");
    }

    // Asked for what every account may see: an agent has no right to nodes.
    private async Task<KubeDetection> JudgePodAsync(KubeAccess inCluster, CancellationToken cancellation)
    {
        ProbeAnswer answer = await ProbeAsync(inCluster, "/api/v1", cancellation);
        string state = answer.IsApi
            ? "it answers"
            : $"it does not answer yet: {answer.Problem}; on an edge node enable modules.metaManager.metaServer in "
                + "edgecore.yaml";
        return new KubeDetection(
            inCluster, $"the service account's API {inCluster.Server} is used, as no metaServer listens here; {state}");
    }

    private string? FindDefaultKubeconfig()
    {
        string? variable = environment.Variable("KUBECONFIG");
        string[] candidates = string.IsNullOrEmpty(variable)
            ? [Path.Combine(environment.Variable("HOME") ?? "/", ".kube", "config")]
            : variable.Split(':', StringSplitOptions.RemoveEmptyEntries);
        return Array.Find(candidates, File.Exists);
    }

    // Any JSON object of the API will do, also a Status that says no: offline, metaServer answers 404.
    private async Task<ProbeAnswer> ProbeAsync(KubeAccess access, string path, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(options.ProbeTimeLimit);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        using var http = new HttpClient(connect(access)) { MaxResponseContentBufferSize = ProbeBytesMax };
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(access.Server, path));
        request.Headers.Accept.ParseAdd("application/json");
        try
        {
            if (new BearerToken(access, TimeProvider.System).Current() is { } token)
            {
                request.Headers.Authorization = new("Bearer", token);
            }

            using HttpResponseMessage response = await http.SendAsync(request, both.Token);
            return Judge(await response.Content.ReadAsByteArrayAsync(both.Token));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new ProbeAnswer(
                IsApi: false, $"no answer in {options.ProbeTimeLimit.TotalSeconds} s", IsSilent: true);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or KubeAccessException)
        {
            return new ProbeAnswer(IsApi: false, e.InnerException?.Message ?? e.Message);
        }
    }

    private static ProbeAnswer Judge(byte[] body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            JsonElement root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("kind", out _))
            {
                return new ProbeAnswer(IsApi: true, "");
            }
        }
        catch (JsonException)
        {
            // Somebody else listens there.
        }

        return new ProbeAnswer(IsApi: false, "what answers there is no Kubernetes API");
    }

    private readonly record struct ProbeAnswer(bool IsApi, string Problem, bool IsSilent = false);
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.Kubernetes.Requests;
using EdgeMesh.Logging;

namespace EdgeMesh.ControlPlane.Installation;

/// <summary>
/// Connects to pods at their own addresses, as another pod does: what <c>helm test</c> runs. It needs neither the
/// cluster's DNS nor a proxy of services, which an edge node may lack.
/// </summary>
internal sealed class ReachCheck
{
    private static readonly TimeSpan AttemptTimeLimit = TimeSpan.FromSeconds(3); // three sendings of a SYN
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly KubeClient _client;
    private readonly ReachOptions _options;
    private readonly StructuredLog _log;
    private readonly HashSet<string> _reached = [];

    internal ReachCheck(KubeClient client, ReachOptions options, StructuredLog log)
    {
        _client = client;
        _options = options;
        _log = log;
    }

    /// <summary>Tries until every pod has been reached at each of its addresses, or the time is up.</summary>
    /// <param name="cancel">Stops it.</param>
    /// <returns>True if all have been reached; the log names who has not, and why.</returns>
    internal async Task<bool> RunAsync(CancellationToken cancel)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(_options.TimeLimit);
        IReadOnlyList<string> problems = ["no answer from the API yet"];
        try
        {
            while (true)
            {
                problems = await TryAllAsync(deadline.Token);
                if (problems.Count == 0)
                {
                    return true;
                }

                await Task.Delay(Pause, deadline.Token);
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            foreach (string problem in problems)
            {
                _log.Error("pod_not_reached", ("problem", problem));
            }

            return false;
        }
    }

    private async Task<IReadOnlyList<string>> TryAllAsync(CancellationToken cancel)
    {
        KubePage<KubePod> pods = await _client.ListAllAsync(
            KubeResources.Pods, _options.Namespace, new KubePageOptions { LabelSelector = _options.Selector }, cancel);
        if (!pods.IsFound)
        {
            return [$"the pods can't be listed: {pods.Problem}"];
        }

        // A pod of an earlier run may still be on its way out.
        KubePod[] staying = [.. pods.Items.Where(pod => pod.Metadata?.DeletionTimestamp is null)];
        if (staying.Length == 0)
        {
            return [$"there is no pod with the labels {_options.Selector} in {_options.Namespace}"];
        }

        var problems = new List<string>();
        foreach (KubePod pod in staying)
        {
            string[] addresses =
                [.. (pod.Status?.PodIps ?? []).Select(one => one.Ip).OfType<string>().Where(text => text.Length > 0)];
            if (addresses.Length == 0)
            {
                problems.Add($"pod {pod.Metadata?.Name} has no address yet; it is {pod.Status?.Phase ?? "unknown"}"
                    + (pod.Spec?.NodeName is null ? " and waits for a node: see test.serverNodeSelector" : ""));
            }

            foreach (string address in addresses.Where(address => !_reached.Contains(address)))
            {
                if (await ConnectAsync(pod, address, cancel) is { } problem)
                {
                    problems.Add(problem);
                }
            }
        }

        return problems;
    }

    private async Task<string?> ConnectAsync(KubePod pod, string address, CancellationToken cancel)
    {
        string who = $"pod {pod.Metadata?.Name} on node {pod.Spec?.NodeName} at {address}";
        if (!IPAddress.TryParse(address, out IPAddress? parsed))
        {
            return $"{who}: this is no address";
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(AttemptTimeLimit);
        using var socket = new Socket(parsed.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(parsed, _options.Port), limit.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return $"{who}: no answer in {AttemptTimeLimit.TotalSeconds} s; see 'edgemesh status' on both nodes";
        }
        catch (SocketException e)
        {
            return $"{who}: {e.Message}";
        }

        _reached.Add(address);
        _log.Info("pod_reached",
            ("pod", pod.Metadata?.Name ?? ""), ("node", pod.Spec?.NodeName ?? ""), ("address", address));
        return null;
    }
}

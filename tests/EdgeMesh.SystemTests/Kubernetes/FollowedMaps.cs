using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.Kubernetes.Requests;
using EdgeMesh.Kubernetes.Watching;

namespace EdgeMesh.SystemTests.Kubernetes;

/// <summary>A reflector of ConfigMaps that runs, and what it tells: "Present edge/a".</summary>
internal sealed class FollowedMaps : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<string> _told = Channel.CreateUnbounded<string>();
    private readonly Task _task;

    internal FollowedMaps(KubeClient client, ReflectorOptions? options = null)
    {
        var reflector = new Reflector<KubeConfigMap>(client, KubeResources.ConfigMaps, options);
        _task = reflector.RunAsync(
            (change, _) =>
            {
                string about = change.Kind == ReflectorChangeKind.Failed ? change.Result.ToString() : change.Key;
                string cache = change.IsFromCache ? "from cache" : "";
                _told.Writer.TryWrite($"{change.Kind} {about}{cache}".Trim());
                return ValueTask.CompletedTask;
            },
            _stop.Token);
    }

    /// <summary>Takes what is told next.</summary>
    internal async Task<IReadOnlyList<string>> TakeAsync(int count)
    {
        var taken = new List<string>();
        while (taken.Count < count)
        {
            taken.Add(await _told.Reader.ReadAsync().AsTask().WaitAsync(Patience));
        }

        return taken;
    }

    /// <summary>Takes until this is told.</summary>
    /// <returns>All that was told up to it.</returns>
    internal async Task<IReadOnlyList<string>> TakeUntilAsync(string last)
    {
        var taken = new List<string>();
        while (taken.Count == 0 || taken[^1] != last)
        {
            taken.AddRange(await TakeAsync(1));
        }

        return taken;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _task;
        _stop.Dispose();
    }
}

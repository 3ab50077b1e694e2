using System;
using System.Collections.Generic;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.Kubernetes.Requests;

namespace EdgeMesh.Kubernetes.Recording;

/// <summary>
/// Writes Events, as <c>kubectl describe</c> shows them. The same again counts up the first; floods are cut.
/// </summary>
/// <remarks>
/// An event's name follows from what it says, so a process that was started again counts up the events of the one
/// before. About one object at most <see cref="BurstEvents"/> are written at once, and one each
/// <see cref="RefillInterval"/> after that. Safe from every thread; one request at a time.
/// </remarks>
public sealed class EventRecorder : IDisposable
{
    /// <summary>Events about one object that may come at once.</summary>
    public const int BurstEvents = 10;

    private const int MessageCharsMax = 1024; // the API server's own limit
    private const int EntriesMax = 1024;
    private const int NameCharsMax = 253;

    private readonly KubeClient _client;
    private readonly string _component;
    private readonly string _instance;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);    // by event name
    private readonly Dictionary<string, Allowance> _allowances = new(StringComparer.Ordinal); // by object
    private long _dropped;

    /// <summary>Makes a recorder; nothing is sent yet.</summary>
    /// <param name="client">Speaks to the API.</param>
    /// <param name="component">Who says so: <c>edgemesh-controller</c>.</param>
    /// <param name="instance">Which instance of it.</param>
    public EventRecorder(KubeClient client, string component, string instance)
    {
        ArgumentNullException.ThrowIfNull(client);
        _client = client;
        _component = component;
        _instance = instance;
        _time = client.Options.Time ?? TimeProvider.System;
    }

    /// <summary>How long until one more event about an object may be written, after a burst.</summary>
    public static TimeSpan RefillInterval { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Events that were not written: too many about one object, or the API refused.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Writes an event, or counts up the one that says the same.</summary>
    /// <param name="about">Whose event it is; <see cref="KubeObjectReference.ToNode"/> for nodes.</param>
    /// <param name="isWarning">Warning or Normal.</param>
    /// <param name="reason">One word, CamelCase.</param>
    /// <param name="message">A sentence for people; cut after 1024 characters.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Why it was not written; empty if it was.</returns>
    public async Task<string> RecordAsync(
        KubeObjectReference about, bool isWarning, string reason, string message, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(about);
        ArgumentNullException.ThrowIfNull(message);
        string text = message.Length <= MessageCharsMax ? message : message[..MessageCharsMax];
        string ns = string.IsNullOrEmpty(about.Namespace) ? "default" : about.Namespace;
        await _turn.WaitAsync(cancellation);
        try
        {
            if (!MaySay($"{about.Kind}/{ns}/{about.Name}"))
            {
                Interlocked.Increment(ref _dropped);
                return $"too many events about {about.Kind} {about.Name}: not written ({reason}: {text})";
            }

            string name = NameOf(about, reason, text);
            string problem = _counts.TryGetValue(name, out int count)
                ? await CountUpAsync(ns, name, count + 1, () => Make(about, ns, name, isWarning, reason, text),
                    cancellation)
                : await CreateAsync(Make(about, ns, name, isWarning, reason, text), cancellation);
            if (problem.Length > 0)
            {
                Interlocked.Increment(ref _dropped);
            }

            return problem;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private async Task<string> CreateAsync(KubeEventObject made, CancellationToken cancellation)
    {
        KubeResponse<KubeEventObject> written =
            await _client.CreateAsync(KubeResources.Events, made, cancellation);
        string name = made.Metadata.Name;
        if (written.IsFound)
        {
            Remember(name, 1);
            return "";
        }

        // The process before this one said the same: the answer to a patch tells how often.
        return written.Result == KubeResult.Conflict
            ? await CountUpAsync(made.Metadata.Namespace!, name, count: null, again: null, cancellation)
            : written.Problem;
    }

    private async Task<string> CountUpAsync(
        string ns, string name, int? count, Func<KubeEventObject>? again, CancellationToken cancellation)
    {
        var patch = new JsonObject { ["lastTimestamp"] = KubeTimestamp.FormatSeconds(_time.GetUtcNow()) };
        if (count is not null)
        {
            patch["count"] = count.Value;
        }

        KubeResponse<KubeEventObject> written = await _client.PatchAsync(
            KubeResources.Events, ns, name, Encoding.UTF8.GetBytes(patch.ToJsonString()), cancellation);
        if (written.IsFound)
        {
            Remember(name, written.Value.Count ?? 1);
            return "";
        }

        _counts.Remove(name);
        // The API server forgets events after an hour.
        return written.Result == KubeResult.NotFound && again is not null
            ? await CreateAsync(again(), cancellation)
            : written.Problem;
    }

    private KubeEventObject Make(
        KubeObjectReference about, string ns, string name, bool isWarning, string reason, string text)
    {
        string now = KubeTimestamp.FormatSeconds(_time.GetUtcNow());
        return new KubeEventObject
        {
            Metadata = { Name = name, Namespace = ns },
            InvolvedObject = about,
            Type = isWarning ? "Warning" : "Normal",
            Reason = reason,
            Message = text,
            Count = 1,
            FirstTimestamp = now,
            LastTimestamp = now,
            Source = new KubeEventSource { Component = _component, Host = _instance },
            ReportingComponent = _component,
            ReportingInstance = _instance,
        };
    }

    private string NameOf(KubeObjectReference about, string reason, string text)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(
            string.Join('\n', _component, about.Kind, about.Namespace, about.Name, about.Uid, reason, text)));
        string suffix = $".{Convert.ToHexStringLower(hash.AsSpan(0, 8))}";
        string name = about.Name ?? "";
        int room = NameCharsMax - suffix.Length;
        return $"{(name.Length <= room ? name : name[..room].TrimEnd('.', '-'))}{suffix}";
    }

    private void Remember(string name, int count)
    {
        if (_counts.Count >= EntriesMax)
        {
            _counts.Clear(); // what is said again is found again by its name
        }

        _counts[name] = count;
    }

    private bool MaySay(string key)
    {
        if (!_allowances.TryGetValue(key, out Allowance allowance))
        {
            if (_allowances.Count >= EntriesMax)
            {
                _allowances.Clear();
            }

            allowance = new Allowance(BurstEvents, _time.GetTimestamp());
        }

        double events = Math.Min(
            BurstEvents, allowance.Events + (_time.GetElapsedTime(allowance.At) / RefillInterval));
        bool maySay = events >= 1;
        _allowances[key] = new Allowance(maySay ? events - 1 : events, _time.GetTimestamp());
        return maySay;
    }

    private readonly record struct Allowance(double Events, long At);
}

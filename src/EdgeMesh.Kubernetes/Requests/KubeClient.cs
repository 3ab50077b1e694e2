using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Kubernetes.Access;
using EdgeMesh.Kubernetes.Objects;

namespace EdgeMesh.Kubernetes.Requests;

/// <summary>Speaks to the API. Safe from every thread.</summary>
/// <remarks>
/// No method throws for what a server or a network does: every outcome is a <see cref="KubeResult"/> with a sentence.
/// Only cancellation by the caller throws <see cref="OperationCanceledException"/>.
/// </remarks>
public sealed class KubeClient : IDisposable
{
    private readonly KubeExchange _exchange;

    /// <summary>Makes a client. Nothing is sent yet.</summary>
    /// <param name="access">The way to the API.</param>
    /// <param name="options">Limits; null: the defaults.</param>
    public KubeClient(KubeAccess access, KubeClientOptions? options = null)
        : this(access, options, KubeTransport.CreateHandler(access))
    {
    }

    /// <summary>As the other, over connections that are made elsewhere.</summary>
    internal KubeClient(KubeAccess access, KubeClientOptions? options, HttpMessageHandler handler)
    {
        ArgumentNullException.ThrowIfNull(access);
        Access = access;
        Options = options ?? new KubeClientOptions();
        _exchange = new KubeExchange(access, Options, handler);
    }

    /// <summary>The way to the API.</summary>
    public KubeAccess Access { get; }

    /// <summary>The client's limits.</summary>
    public KubeClientOptions Options { get; }

    /// <summary>Reads one object.</summary>
    /// <typeparam name="T">The object.</typeparam>
    /// <param name="resource">Its kind.</param>
    /// <param name="ns">Its namespace; null for objects of the whole cluster.</param>
    /// <param name="name">Its name.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The object, or why not.</returns>
    public Task<KubeResponse<T>> GetAsync<T>(
        KubeResource<T> resource, string? ns, string name, CancellationToken cancellation)
        where T : KubeObject
    {
        ArgumentNullException.ThrowIfNull(resource);
        return AskAsync(resource, KubeRequest.To("get", resource, ns, name), HttpMethod.Get, null, cancellation);
    }

    /// <summary>Reads one page of a list.</summary>
    /// <typeparam name="T">The objects.</typeparam>
    /// <param name="resource">Their kind.</param>
    /// <param name="ns">Their namespace; null for all, and for objects of the whole cluster.</param>
    /// <param name="options">Which page of which objects; null: the first of all.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The page, or why not.</returns>
    public async Task<KubePage<T>> ListAsync<T>(
        KubeResource<T> resource, string? ns, KubePageOptions? options, CancellationToken cancellation)
        where T : KubeObject
    {
        ArgumentNullException.ThrowIfNull(resource);
        KubeRequest request = KubeRequest.To("list", resource, ns, name: null);
        string query = ListQuery(options ?? new KubePageOptions());
        using KubeAnswer answer = await _exchange.AskAsync(request, HttpMethod.Get, query, null, cancellation);
        if (answer.Body is null)
        {
            return FailedPage<T>(answer.Outcome);
        }

        KubePage<T>? page = KubeDecoder.DecodeList(resource, answer.Body.Bytes, Access.IsMetaServer, out string fault);
        return page ?? FailedPage<T>(KubeSentences.Malformed(request, fault, answer.Outcome.StatusCode));
    }

    /// <summary>Reads a whole list, page by page.</summary>
    /// <typeparam name="T">The objects.</typeparam>
    /// <param name="resource">Their kind.</param>
    /// <param name="ns">Their namespace; null for all, and for objects of the whole cluster.</param>
    /// <param name="options">Which objects, and how many a page; null: all.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The whole list, or why not: never a part of it.</returns>
    public async Task<KubePage<T>> ListAllAsync<T>(
        KubeResource<T> resource, string? ns, KubePageOptions? options, CancellationToken cancellation)
        where T : KubeObject
    {
        KubePageOptions wanted = options ?? new KubePageOptions();
        var items = new List<T>();
        var malformed = new List<KubeProblem>();
        bool isFromCache = false;
        while (true)
        {
            KubePage<T> page = await ListAsync(resource, ns, wanted, cancellation);
            if (!page.IsFound)
            {
                return page;
            }

            items.AddRange(page.Items);
            malformed.AddRange(page.Malformed);
            isFromCache |= page.IsFromCache;
            if (page.Continue.Length == 0)
            {
                return page with { Items = items, Malformed = malformed, IsFromCache = isFromCache };
            }

            wanted = wanted with { Continue = page.Continue };
        }
    }

    /// <summary>Makes an object.</summary>
    /// <typeparam name="T">The object.</typeparam>
    /// <param name="resource">Its kind.</param>
    /// <param name="value">The object; its metadata names it.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The object as it is stored, or why not: Conflict if it exists already.</returns>
    public Task<KubeResponse<T>> CreateAsync<T>(KubeResource<T> resource, T value, CancellationToken cancellation)
        where T : KubeObject
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(value);
        KubeRequest request = KubeRequest.To("create", resource, value.Metadata.Namespace, name: null);
        return AskAsync(resource, request, HttpMethod.Post, Serialize(resource, value), cancellation);
    }

    /// <summary>Writes an object over the one that is there (PUT).</summary>
    /// <typeparam name="T">The object.</typeparam>
    /// <param name="resource">Its kind.</param>
    /// <param name="value">
    /// The object. With a resourceVersion it is Conflict if anybody changed the object since; without one, the last
    /// writer wins.
    /// </param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The object as it is stored, or why not.</returns>
    public Task<KubeResponse<T>> ReplaceAsync<T>(KubeResource<T> resource, T value, CancellationToken cancellation)
        where T : KubeObject
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(value);
        KubeRequest request = KubeRequest.To("update", resource, value.Metadata.Namespace, value.Metadata.Name);
        return AskAsync(resource, request, HttpMethod.Put, Serialize(resource, value), cancellation);
    }

    /// <summary>Changes some fields (RFC 7386 merge patch).</summary>
    /// <typeparam name="T">The object.</typeparam>
    /// <param name="resource">Its kind.</param>
    /// <param name="ns">Its namespace; null for objects of the whole cluster.</param>
    /// <param name="name">Its name.</param>
    /// <param name="mergePatch">JSON in UTF-8; a field that is null there is removed.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The object as it is stored, or why not.</returns>
    public Task<KubeResponse<T>> PatchAsync<T>(
        KubeResource<T> resource, string? ns, string name, ReadOnlyMemory<byte> mergePatch,
        CancellationToken cancellation)
        where T : KubeObject
    {
        ArgumentNullException.ThrowIfNull(resource);
        KubeRequest request = KubeRequest.To("patch", resource, ns, name);
        return AskAsync(resource, request, HttpMethod.Patch, mergePatch.ToArray(), cancellation);
    }

    /// <summary>Deletes an object.</summary>
    /// <typeparam name="T">The object.</typeparam>
    /// <param name="resource">Its kind.</param>
    /// <param name="ns">Its namespace; null for objects of the whole cluster.</param>
    /// <param name="name">Its name.</param>
    /// <param name="options">
    /// What must hold, and what happens to what it owns; null: nothing, and in the background.
    /// </param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>
    /// Found if it is deleted or being deleted (there may be no value), NotFound if it was gone before.
    /// </returns>
    public Task<KubeResponse<T>> DeleteAsync<T>(
        KubeResource<T> resource, string? ns, string name, KubeDeletion? options, CancellationToken cancellation)
        where T : KubeObject
    {
        ArgumentNullException.ThrowIfNull(resource);
        options ??= new KubeDeletion();
        var body = new KubeDeleteOptions
        {
            PropagationPolicy = options.WaitsForDependents ? "Foreground" : "Background",
            Preconditions = options.Uid is null && options.ResourceVersion is null
                ? null
                : new KubeDeletePreconditions { Uid = options.Uid, ResourceVersion = options.ResourceVersion },
        };
        return AskAsync(
            resource, KubeRequest.To("delete", resource, ns, name), HttpMethod.Delete,
            JsonSerializer.SerializeToUtf8Bytes(body, KubeJson.Default.KubeDeleteOptions), cancellation);
    }

    /// <summary>Waits for changes, until the watch ends. Events come in order; a failure is the last event.</summary>
    /// <typeparam name="T">The objects.</typeparam>
    /// <param name="resource">Their kind.</param>
    /// <param name="ns">Their namespace; null for all, and for objects of the whole cluster.</param>
    /// <param name="options">Which changes.</param>
    /// <param name="cancellation">Ends the watch.</param>
    /// <returns>The events: first Opened, or Failed.</returns>
    public async IAsyncEnumerable<KubeEvent<T>> WatchAsync<T>(
        KubeResource<T> resource, string? ns, KubeWatchOptions options,
        [EnumeratorCancellation] CancellationToken cancellation)
        where T : KubeObject
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(options);
        KubeRequest request = KubeRequest.To("watch", resource, ns, name: null);
        // A dead watch says nothing for ever, and ignores its own time limit as well.
        using var time = new CancellationTokenSource(options.Duration + Options.RequestTimeLimit, _exchange.Time);
        (HttpResponseMessage? response, KubeOutcome outcome) =
            await _exchange.OpenAsync(request, WatchQuery(options), cancellation);
        if (response is null)
        {
            yield return new KubeEvent<T>(
                KubeEventKind.Failed, null, "", outcome.Result, outcome.Problem, outcome.RetryAfter);
            yield break;
        }

        using (response)
        {
            await using var reader = new WatchReader<T>(resource, request, Access, Options.WatchLineBytesMax);
            await reader.OpenAsync(response, cancellation);
            yield return new KubeEvent<T>(KubeEventKind.Opened, null);
            while (await reader.ReadAsync(time.Token, cancellation) is { } change)
            {
                yield return change;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _exchange.Dispose();

    private async Task<KubeResponse<T>> AskAsync<T>(
        KubeResource<T> resource, KubeRequest request, HttpMethod method, byte[]? body, CancellationToken cancellation)
        where T : KubeObject
    {
        using KubeAnswer answer = await _exchange.AskAsync(request, method, "", body, cancellation);
        KubeOutcome outcome = answer.Outcome;
        if (answer.Body is null)
        {
            bool isProven = outcome.Result == KubeResult.NotFound && !Access.IsMetaServer;
            return new KubeResponse<T>(
                outcome.Result, null, outcome.Problem, outcome.StatusCode, outcome.RetryAfter, isProven);
        }

        if (method == HttpMethod.Delete && KubeDecoder.IsStatus(answer.Body.Bytes))
        {
            return new KubeResponse<T>(KubeResult.Found, null, "", outcome.StatusCode);
        }

        if (KubeDecoder.TryDecode(resource, answer.Body.Bytes, out T? value, out KubeProblem? problem))
        {
            return new KubeResponse<T>(KubeResult.Found, value, "", outcome.StatusCode);
        }

        outcome = KubeSentences.Malformed(request, problem.Message, outcome.StatusCode);
        return new KubeResponse<T>(outcome.Result, null, outcome.Problem, outcome.StatusCode);
    }

    private static KubePage<T> FailedPage<T>(in KubeOutcome outcome)
        where T : KubeObject => new(
            outcome.Result, [], [], "", "", IsFromCache: false, outcome.Problem, outcome.RetryAfter);

    private static byte[] Serialize<T>(KubeResource<T> resource, T value)
        where T : KubeObject
    {
        Debug.Assert(value.Metadata.Name.Length > 0);
        value.ApiVersion = resource.ApiVersion;
        value.Kind = resource.Kind;
        return JsonSerializer.SerializeToUtf8Bytes(value, resource.Json);
    }

    private static string ListQuery(KubePageOptions options)
    {
        var query = new StringBuilder();
        Append(query, options);
        Append(query, "limit", options.Limit > 0 ? options.Limit.ToString(CultureInfo.InvariantCulture) : null);
        Append(query, "continue", options.Continue);
        Append(query, "resourceVersion", options.ResourceVersion);
        return query.ToString();
    }

    private static string WatchQuery(KubeWatchOptions options)
    {
        var query = new StringBuilder("?watch=true&allowWatchBookmarks=true");
        Append(query, options);
        int seconds = Math.Max(1, (int)options.Duration.TotalSeconds);
        Append(query, "timeoutSeconds", seconds.ToString(CultureInfo.InvariantCulture));
        Append(query, "resourceVersion", options.ResourceVersion);
        return query.ToString();
    }

    private static void Append(StringBuilder query, KubeListOptions options)
    {
        Append(query, "labelSelector", options.LabelSelector);
        Append(query, "fieldSelector", options.FieldSelector);
    }

    private static void Append(StringBuilder query, string key, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            query.Append(query.Length == 0 ? '?' : '&').Append(key).Append('=').Append(Uri.EscapeDataString(value));
        }
    }
}

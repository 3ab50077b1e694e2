using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
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
    /// <summary>Makes a client. Nothing is sent yet.</summary>
    /// <param name="access">The way to the API.</param>
    /// <param name="options">Limits; null: the defaults.</param>
    public KubeClient(KubeAccess access, KubeClientOptions? options = null)
    {
        Access = access;
        Options = options ?? new KubeClientOptions();
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
        where T : KubeObject => throw new NotSupportedException();

    /// <summary>Reads one page of a list.</summary>
    /// <typeparam name="T">The objects.</typeparam>
    /// <param name="resource">Their kind.</param>
    /// <param name="ns">Their namespace; null for all, and for objects of the whole cluster.</param>
    /// <param name="options">Which page of which objects; null: the first of all.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The page, or why not.</returns>
    public Task<KubePage<T>> ListAsync<T>(
        KubeResource<T> resource, string? ns, KubePageOptions? options, CancellationToken cancellation)
        where T : KubeObject => throw new NotSupportedException();

    /// <summary>Reads a whole list, page by page.</summary>
    /// <typeparam name="T">The objects.</typeparam>
    /// <param name="resource">Their kind.</param>
    /// <param name="ns">Their namespace; null for all, and for objects of the whole cluster.</param>
    /// <param name="options">Which objects, and how many a page; null: all.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The whole list, or why not: never a part of it.</returns>
    public Task<KubePage<T>> ListAllAsync<T>(
        KubeResource<T> resource, string? ns, KubePageOptions? options, CancellationToken cancellation)
        where T : KubeObject => throw new NotSupportedException();

    /// <summary>Makes an object.</summary>
    /// <typeparam name="T">The object.</typeparam>
    /// <param name="resource">Its kind.</param>
    /// <param name="value">The object; its metadata names it.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The object as it is stored, or why not: Conflict if it exists already.</returns>
    public Task<KubeResponse<T>> CreateAsync<T>(KubeResource<T> resource, T value, CancellationToken cancellation)
        where T : KubeObject => throw new NotSupportedException();

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
        where T : KubeObject => throw new NotSupportedException();

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
        where T : KubeObject => throw new NotSupportedException();

    /// <summary>Deletes an object.</summary>
    /// <typeparam name="T">The object.</typeparam>
    /// <param name="resource">Its kind.</param>
    /// <param name="ns">Its namespace; null for objects of the whole cluster.</param>
    /// <param name="name">Its name.</param>
    /// <param name="options">What must hold, and what happens to what it owns; null: nothing, and in the background.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Found if it is deleted or being deleted (there may be no value), NotFound if it was gone before.</returns>
    public Task<KubeResponse<T>> DeleteAsync<T>(
        KubeResource<T> resource, string? ns, string name, KubeDeletion? options, CancellationToken cancellation)
        where T : KubeObject => throw new NotSupportedException();

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
        await Task.Delay(Options.RequestTimeLimit, cancellation);
        yield break;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}

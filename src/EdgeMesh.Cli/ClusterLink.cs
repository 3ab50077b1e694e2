using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Cluster;
using EdgeMesh.Kubernetes.Access;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.Kubernetes.Requests;

namespace EdgeMesh.Cli;

/// <summary>The connection to a cluster's API, with errors put for the operator.</summary>
internal sealed class ClusterLink : IDisposable
{
    /// <summary>The namespace that the guide installs into.</summary>
    public const string NamespaceDefault = "kubeedge";

    private readonly KubeClient _client;

    private ClusterLink(KubeClient client, string ns)
    {
        _client = client;
        Namespace = ns;
    }

    /// <summary>The namespace of the product's objects.</summary>
    public string Namespace { get; }

    /// <summary>Finds the way to the API: the options, else KUBECONFIG, ~/.kube/config, or the pod's account.</summary>
    /// <remarks>Never KubeEdge's metaServer: its lists may lack what exists, and nobody could tell.</remarks>
    /// <exception cref="CommandException">There is none.</exception>
    public static ClusterLink Open(ClusterOptions options)
    {
        KubeAccess access = Find(options);
        return new ClusterLink(
            new KubeClient(access, new KubeClientOptions { Version = ProductVersion.Text }),
            options.Namespace ?? access.Namespace ?? NamespaceDefault);
    }

    /// <summary>Reads all objects of a kind.</summary>
    /// <param name="resource">The kind.</param>
    /// <param name="ns">Their namespace; null: all.</param>
    /// <param name="selector">As kubectl's -l; null: all.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The objects, and those that could not be read.</returns>
    /// <exception cref="CommandException">They can't be had.</exception>
    public async Task<KubePage<T>> ListAsync<T>(
        KubeResource<T> resource, string? ns, string? selector, CancellationToken cancel)
        where T : KubeObject
    {
        KubePage<T> page = await _client.ListAllAsync(
            resource, ns, new KubePageOptions { LabelSelector = selector }, cancel);
        return page.IsFound
            ? page
            : throw Failed(page.Result, page.Problem, $"list {resource}{(ns is null ? "" : $" in {ns}")}");
    }

    /// <summary>Reads an object of the product's namespace; null if it is not there.</summary>
    /// <exception cref="CommandException">It can't be had.</exception>
    public async Task<T?> FindAsync<T>(KubeResource<T> resource, string name, CancellationToken cancel)
        where T : KubeObject
    {
        KubeResponse<T> answer = await _client.GetAsync(resource, Namespace, name, cancel);
        return answer switch
        {
            { Result: KubeResult.NotFound } => null,
            { IsFound: true } => answer.Value,
            _ => throw Failed(answer.Result, answer.Problem, $"get {resource} in {Namespace}"),
        };
    }

    /// <summary>Writes texts into a ConfigMap of the product.</summary>
    /// <param name="before">As it was read: nothing is written if it has changed since. Null: it is made.</param>
    /// <param name="after">The texts, and name and labels of one that is made.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>False if it has changed since.</returns>
    /// <exception cref="CommandException">It can't be written.</exception>
    public async Task<bool> TryWriteAsync(KubeConfigMap? before, ClusterObject after, CancellationToken cancel)
    {
        KubeResponse<KubeConfigMap> answer;
        if (before is null)
        {
            answer = await _client.CreateAsync(
                KubeResources.ConfigMaps,
                new KubeConfigMap
                {
                    Metadata = new KubeMetadata
                    {
                        Name = after.Name,
                        Namespace = Namespace,
                        Labels = new Dictionary<string, string>(after.Labels, StringComparer.Ordinal),
                    },
                    Data = new Dictionary<string, string>(after.Data, StringComparer.Ordinal),
                },
                cancel);
        }
        else
        {
            answer = await _client.PatchAsync(
                KubeResources.ConfigMaps, Namespace, after.Name, Patch(before, after), cancel);
        }

        return answer.Result switch
        {
            KubeResult.Found => true,
            KubeResult.Conflict or KubeResult.NotFound => false,
            _ => throw Failed(
                answer.Result, answer.Problem, $"{(before is null ? "create" : "patch")} configmaps in {Namespace}"),
        };
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static KubeAccess Find(ClusterOptions options)
    {
        string? kubeconfig = options.Kubeconfig ?? DefaultKubeconfig();
        if (kubeconfig is not null || options.Context is not null)
        {
            try
            {
                return KubeAccess.FromKubeconfig(kubeconfig ?? "", options.Context);
            }
            catch (KubeAccessException e)
            {
                throw new CommandException(ExitCodes.NoCluster, PlainText.Of(e.Message), e);
            }
        }

        return KubeAccess.TryInCluster(out KubeAccess? access, out string problem)
            ? access
            : throw new CommandException(
                ExitCodes.NoCluster,
                $"there is no kubeconfig and this is no pod ({PlainText.Of(problem.TrimEnd('.'))}): give --kubeconfig");
    }

    // As kubectl; of several files in KUBECONFIG the first that is there.
    private static string? DefaultKubeconfig() =>
        (Environment.GetEnvironmentVariable("KUBECONFIG") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Append(Path.Combine(
                Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".kube", "config"))
            .FirstOrDefault(File.Exists);

    // A merge patch that names a version is refused if the object has another (Conflict).
    private static ReadOnlyMemory<byte> Patch(KubeConfigMap before, ClusterObject after)
    {
        var bytes = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = new System.Text.Json.Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteStartObject("metadata");
            json.WriteString("resourceVersion", before.Metadata.ResourceVersion);
            json.WriteEndObject();
            json.WriteStartObject("data");
            foreach ((string key, string text) in after.Data)
            {
                json.WriteString(key, text);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return bytes.WrittenMemory;
    }

    private CommandException Failed(KubeResult result, string problem, string verb)
    {
        string what = PlainText.Of(problem.TrimEnd('.'));
        return new CommandException(ExitCodes.NoCluster, result switch
        {
            KubeResult.Forbidden => $"{_client.Access} does not allow to {verb} ({what}): use a kubeconfig of somebody "
                + "who may; an agent's own account may not",
            _ => $"{_client.Access}: {what}",
        });
    }
}

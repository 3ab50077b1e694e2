using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Cluster;
using EdgeMesh.ControlPlane.DesiredState;
using EdgeMesh.Kubernetes.Access;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.Kubernetes.Requests;
using EdgeMesh.Logging;

namespace EdgeMesh.ControlPlane.Sources.Kubernetes;

/// <summary>The way to the cluster's ConfigMaps, once it is found.</summary>
/// <param name="Client">Speaks to the API.</param>
/// <param name="Namespace">Where our objects are.</param>
internal sealed record ClusterAccess(KubeClient Client, string Namespace)
{
    private const string NamespaceDefault = "kubeedge";
    private static readonly TimeSpan RetryMin = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RetryMax = TimeSpan.FromSeconds(30);

    /// <summary>The clock of whoever goes this way.</summary>
    internal TimeProvider Time => Client.Options.Time ?? TimeProvider.System;

    /// <summary>Looks for it until it is found: metaServer may start after this process.</summary>
    internal static async Task<ClusterAccess> FindAsync(
        KubernetesOptions options, ProblemBoard board, StructuredLog log, CancellationToken stop)
    {
        string told = "";
        TimeSpan wait = RetryMin;
        while (true)
        {
            string problem;
            try
            {
                KubeDetection found = await KubeAccess.DetectAsync(options.Detection, stop);
                if (found.Access is { } access)
                {
                    string where = options.Namespace ?? access.Namespace ?? NamespaceDefault;
                    log.Info("kubernetes_access", ("access", access), ("namespace", where), ("reason", found.Reason));
                    board.Set(ProblemBoard.Access, []);
                    return new ClusterAccess(new KubeClient(access), where);
                }

                problem = found.Reason;
            }
            catch (KubeAccessException e)
            {
                problem = e.Message;
            }

            if (problem != told)
            {
                log.Warn("kubernetes_no_access", ("problem", problem), ("effect", "what was in force stays"));
                told = problem;
            }

            board.Set(ProblemBoard.Access, [problem]);
            await Task.Delay(wait, stop);
            wait = wait * 2 < RetryMax ? wait * 2 : RetryMax;
        }
    }

    /// <summary>What we read of a ConfigMap.</summary>
    internal static ClusterObject Read(KubeConfigMap map) =>
        ClusterObject.Of(map.Metadata.Name, map.Metadata.Labels, map.Data, map.BinaryData);

    /// <summary>What we write as a ConfigMap.</summary>
    internal KubeConfigMap Write(ClusterObject written) => new()
    {
        Metadata = new KubeMetadata
        {
            Name = written.Name, Namespace = Namespace, Labels = new Dictionary<string, string>(written.Labels),
        },
        Data = written.Data.Count == 0 ? null : new Dictionary<string, string>(written.Data),
        BinaryData = written.BinaryData.Count == 0 ? null : new Dictionary<string, byte[]>(written.BinaryData),
    };
}

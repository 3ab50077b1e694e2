using System;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.Kubernetes.Requests;

namespace EdgeMesh.FuzzTargets;

/// <summary>Objects, lists and lines of watches, as an API server sends them.</summary>
public static class KubeEventTarget
{
    /// <summary>Reads the bytes as each of them, for several kinds of objects.</summary>
    /// <param name="bytes">JSON.</param>
    public static void Run(ReadOnlySpan<byte> bytes)
    {
        Read(KubeResources.Nodes, bytes);
        Read(KubeResources.Pods, bytes);
        Read(KubeResources.ConfigMaps, bytes);
        Read(KubeResources.Leases, bytes);
        Read(KubeResources.DaemonSets, bytes);
        _ = KubeDecoder.DecodeStatus(bytes);
    }

    private static void Read<T>(KubeResource<T> resource, ReadOnlySpan<byte> bytes)
        where T : KubeObject
    {
        bool isRead = KubeDecoder.TryDecode(resource, bytes, out T? value, out KubeProblem? problem);
        Invariant.Holds(isRead == (value is not null), "an object is read or not");
        Invariant.Holds(isRead == (problem is null), "what is not read has a problem");
        Invariant.Holds(value is null || value.Metadata.Name.Length > 0, "what is read has a name");

        KubePage<T>? page = KubeDecoder.DecodeList(resource, bytes, isMetaServer: true, out string fault);
        Invariant.Holds(page is null == fault.Length > 0, "a list is read or faulty");

        KubeEvent<T>? change = KubeDecoder.DecodeEvent(resource, bytes, out KubeStatus? status);
        Invariant.Holds(change is null == status is not null, "an event is one, or an error of the server");
        Invariant.Holds(
            change?.Kind is not (KubeEventKind.Added or KubeEventKind.Modified or KubeEventKind.Deleted)
                || change.Object is not null,
            "a change has its object");
        Invariant.Holds(
            change?.Kind != KubeEventKind.Malformed || change.Problem.Length > 0, "what is not read says why");
    }
}

using System;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.Kubernetes.Requests;

namespace EdgeMesh.Kubernetes.Recording;

/// <summary>Writes Events, as <c>kubectl describe</c> shows them. The same again counts up the first; floods are cut.</summary>
/// <param name="client">Speaks to the API.</param>
/// <param name="component">Who says so: <c>edgemesh-controller</c>.</param>
/// <param name="instance">Which instance of it.</param>
public sealed class EventRecorder(KubeClient client, string component, string instance)
{
    /// <summary>Events that were not written: too many about one object, or the API refused.</summary>
    public long Dropped => instance.Length * 0;

    /// <summary>Writes an event, or counts up the one that says the same.</summary>
    /// <param name="about">Whose event it is; <see cref="KubeObjectReference.ToNode"/> for nodes.</param>
    /// <param name="isWarning">Warning or Normal.</param>
    /// <param name="reason">One word, CamelCase.</param>
    /// <param name="message">A sentence for people; cut after 1024 characters.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Why it was not written; empty if it was.</returns>
    public Task<string> RecordAsync(
        KubeObjectReference about, bool isWarning, string reason, string message, CancellationToken cancellation)
    {
        _ = (client, component, instance);
        throw new NotSupportedException();
    }
}

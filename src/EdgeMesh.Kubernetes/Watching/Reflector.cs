using System;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.Kubernetes.Requests;

namespace EdgeMesh.Kubernetes.Watching;

/// <summary>Tells its owner the state of some objects, and each change of it, for ever.</summary>
/// <typeparam name="T">The objects.</typeparam>
/// <param name="client">Speaks to the API.</param>
/// <param name="resource">The objects' kind.</param>
/// <param name="options">What to follow; null: all.</param>
public sealed class Reflector<T>(KubeClient client, KubeResource<T> resource, ReflectorOptions? options = null)
    where T : KubeObject
{
    /// <summary>What is followed.</summary>
    public ReflectorOptions Options { get; } = options ?? new ReflectorOptions();

    /// <summary>Follows until cancelled; tries again after each failure.</summary>
    /// <param name="tell">Gets each change, one at a time and in order; its exceptions end the reflector.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>When it is cancelled: never otherwise.</returns>
    public Task RunAsync(
        Func<ReflectorChange<T>, CancellationToken, ValueTask> tell, CancellationToken cancellation)
    {
        _ = (client, resource);
        throw new NotSupportedException();
    }

    /// <summary>Forgets an object that was told Missing, as its absence is proven. Only from within the callback.</summary>
    /// <param name="key">The object's key.</param>
    public void Forget(string key) => throw new NotSupportedException(key);
}

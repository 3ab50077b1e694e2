using System.Threading.Tasks;

namespace EdgeMesh.Libp2p.Connections;

/// <summary>Waiting for a time by a connection's own clock.</summary>
internal static class ConnectionWait
{
    /// <summary>Completes at that time, on the calling thread. It can't be canceled: for short waits.</summary>
    public static Task UntilAsync(ConnectionTime time, long due)
    {
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        time.CreateTimer(static source => ((TaskCompletionSource)source!).TrySetResult(), source).Schedule(due);
        return source.Task;
    }
}

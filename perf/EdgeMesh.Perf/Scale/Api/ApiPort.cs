using System;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.Perf.Scale.Api;

/// <summary>A port of the loopback that the stand-in answers at, with counts of its own.</summary>
internal sealed class ApiPort : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    /// <summary>Listens, at a port that the kernel picks.</summary>
    public ApiPort()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
    }

    /// <summary>The port.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>What passed through it.</summary>
    public ByteCounts Counts { get; } = new();

    /// <summary>Takes connections until stopped.</summary>
    public async Task RunAsync(
        Func<ApiRequest, ApiConnection, CancellationToken, Task> answer, CancellationToken stop)
    {
        while (true)
        {
            Socket client = await _listener.AcceptAsync(stop);
            Counts.AddConnection();
            _ = Task.Run(() => ServeAsync(client, answer, stop), CancellationToken.None); // ends with the client
        }
    }

    /// <summary>Listens no more.</summary>
    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync(
        Socket client, Func<ApiRequest, ApiConnection, CancellationToken, Task> answer, CancellationToken stop)
    {
        using var connection = new ApiConnection(client, Counts);
        try
        {
            while (await connection.ReadAsync(stop) is { } request)
            {
                await answer(request, connection, stop);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client went away, or this process ends.
        }
    }
}

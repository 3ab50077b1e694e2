using System;
using System.IO;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.ConformanceTests.JsLibp2p;

/// <summary>TCP with stock means: good enough to talk to a peer, not to be fast.</summary>
internal sealed class TestTransport : IDuplexPipe, IDisposable
{
    private readonly TcpClient _client;
    private readonly Pipe _output;

    public TestTransport(TcpClient client)
    {
        _client = client;
        client.NoDelay = true;

        // Written to while a flush is on its way, which PipeWriter.Create does not allow.
        _output = new Pipe(new PipeOptions(
            writerScheduler: new PumpScheduler(SynchronizationContext.Current!),
            pauseWriterThreshold: 128 * 1024,
            resumeWriterThreshold: 64 * 1024));
        Input = PipeReader.Create(client.GetStream(), new StreamPipeReaderOptions(bufferSize: 65536));
        _ = Task.Run(SendAsync);
    }

    public PipeReader Input { get; }

    public PipeWriter Output => _output.Writer;

    public static async Task<TestTransport> ConnectAsync(IPEndPoint endPoint)
    {
        var client = new TcpClient();
        await client.ConnectAsync(endPoint);
        return new TestTransport(client);
    }

    public void Dispose() => _client.Dispose();

    private async Task SendAsync()
    {
        Exception? failure = null;
        try
        {
            await _output.Reader.CopyToAsync(_client.GetStream());
            _client.Client.Shutdown(SocketShutdown.Send);
        }
        catch (Exception thrown) when (thrown is IOException or SocketException or ObjectDisposedException)
        {
            failure = thrown;
        }

        await _output.Reader.CompleteAsync(failure);
    }
}

using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Cli;
using EdgeMesh.Cli.Commands;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.UnitTests.ControlChannel;

namespace EdgeMesh.SystemTests.Cli;

/// <summary>A control server with canned answers, and the command line run against it.</summary>
internal sealed class FakeDataplane : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ControlServer _server;

    public FakeDataplane(Func<Request, Response> answer)
    {
        SocketPath = _directory.File("d.sock");
        _server = ControlServer.Start(SocketPath, (request, _, _) =>
            new ValueTask<Response>(answer(request)), _ => { });
    }

    public string SocketPath { get; }

    /// <summary>Runs the command line without a data plane.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunBareAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        int exitCode = await CommandLine.RunAsync(args, new Terminal(output, errors, 100), CancellationToken.None);
        return (exitCode, output.ToString(), errors.ToString());
    }

    public Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] args) =>
        RunBareAsync([.. args, "--socket", SocketPath]);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Dispose();
    }
}

using System;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.Cli;

/// <summary>The connection to a data plane, with errors put for the operator.</summary>
internal sealed class DataplaneLink : IAsyncDisposable
{
    /// <summary>Where edgemesh-dataplane's socket is unless told otherwise.</summary>
    public const string SocketPathDefault = "/run/edgemesh/dataplane.sock";

    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(3);

    private readonly ControlClient _client;

    private DataplaneLink(ControlClient client) => _client = client;

    /// <summary>Connects.</summary>
    /// <exception cref="CommandException">Nobody to talk to.</exception>
    public static async Task<DataplaneLink> OpenAsync(string path, CancellationToken cancel)
    {
        try
        {
            return new DataplaneLink(await ControlClient.ConnectAsync(path, ConnectTime, cancel));
        }
        catch (ControlChannelException e)
        {
            throw new CommandException(ExitCodes.NoDataplane, e.Message, e);
        }
    }

    /// <summary>Asks and waits for the answer.</summary>
    /// <param name="request">The request.</param>
    /// <param name="patience">How long to wait.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The response, which may hold an error.</returns>
    /// <exception cref="CommandException">The connection ended, or no answer came in time.</exception>
    public async Task<Response> AskAsync(Request request, TimeSpan patience, CancellationToken cancel)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(patience);
        try
        {
            return await _client.SendAsync(request, deadline.Token);
        }
        catch (ControlChannelException e)
        {
            throw new CommandException(ExitCodes.NoDataplane, e.Message, e);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new CommandException(
                ExitCodes.NoDataplane,
                $"the data plane at '{_client.Path}' did not answer within {patience.TotalSeconds:0.#} s: "
                + "see whether edgemesh-dataplane hangs",
                e);
        }
    }

    /// <summary>The exception for a refusal.</summary>
    public CommandException Refused(Error error) => error.Code switch
    {
        ErrorCode.Unsupported => TooOld(),
        ErrorCode.Invalid => new CommandException(ExitCodes.Usage, PlainText.Of(error.Message)),
        _ => new CommandException(ExitCodes.Failure, PlainText.Of(error.Message)),
    };

    /// <summary>The exception for an answer to a question that the data plane doesn't know.</summary>
    public CommandException TooOld() => new(
        ExitCodes.Failure,
        $"the data plane at '{_client.Path}' does not know this request, so it is of another version "
        + $"than this edgemesh {ProductVersion.Text}: "
        + "run the edgemesh it was installed with, or upgrade it");

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _client.DisposeAsync();
}

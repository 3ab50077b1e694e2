using System;
using System.IO;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.UnitTests.Kubernetes.StandIns;

/// <summary>Carries requests to a stand-in without a socket.</summary>
/// <param name="handle">Answers: method, target, body.</param>
/// <param name="time">For answers that come late.</param>
internal sealed class StandInHandler(Func<string, string, byte[], StandInAnswer> handle, TimeProvider time)
    : HttpMessageHandler
{
    /// <summary>The last request, for its headers.</summary>
    internal HttpRequestMessage? Last { get; private set; }

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Last = request;
        byte[] body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        StandInAnswer answer = handle(request.Method.Method, request.RequestUri!.PathAndQuery, body);
        if (answer.Delay > TimeSpan.Zero)
        {
            await WaitAsync(answer.Delay, cancellationToken);
        }

        var response = new HttpResponseMessage((HttpStatusCode)answer.Code)
        {
            Content = answer.Watch is null
                ? new ByteArrayContent(answer.Body)
                : new StreamContent(Stream(answer.Watch)),
        };
        if (answer.RetryAfterSeconds is { } seconds)
        {
            response.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(seconds));
        }

        return response;
    }

    private async Task WaitAsync(TimeSpan delay, CancellationToken cancellation)
    {
        var late = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ITimer timer =
            time.CreateTimer(_ => late.TrySetResult(), null, delay, Timeout.InfiniteTimeSpan);
        await late.Task.WaitAsync(cancellation);
    }

    private static Stream Stream(StandInWatch watch)
    {
        var pipe = new Pipe();
        _ = PumpAsync(watch, pipe.Writer);
        return pipe.Reader.AsStream();
    }

    private static async Task PumpAsync(StandInWatch watch, PipeWriter writer)
    {
        Exception? failure = null;
        try
        {
            await foreach (string line in watch.Lines.ReadAllAsync())
            {
                await writer.WriteAsync(Encoding.UTF8.GetBytes($"{line}\n"));
            }
        }
        catch (IOException e)
        {
            failure = e;
        }

        await writer.CompleteAsync(failure);
    }
}

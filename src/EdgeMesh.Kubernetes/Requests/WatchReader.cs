using System;
using System.Buffers;
using System.IO.Pipelines;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Kubernetes.Access;
using EdgeMesh.Kubernetes.Objects;

namespace EdgeMesh.Kubernetes.Requests;

/// <summary>Reads the lines of one open watch.</summary>
/// <typeparam name="T">The objects.</typeparam>
/// <param name="resource">Their kind.</param>
/// <param name="request">What was asked, for messages.</param>
/// <param name="access">Who was asked.</param>
/// <param name="lineBytesMax">Longest line.</param>
internal sealed class WatchReader<T>(
    KubeResource<T> resource, KubeRequest request, KubeAccess access, int lineBytesMax) : IAsyncDisposable
    where T : KubeObject
{
    // An object of a MiB in pieces of the default 4 KiB would be put together of hundreds.
    private static readonly StreamPipeReaderOptions PipeOptions = new(bufferSize: 64 * 1024, minimumReadSize: 4096);

    private PipeReader? _pipe;
    private bool _isOver;

    /// <summary>Takes the body of the response.</summary>
    internal async Task OpenAsync(HttpResponseMessage response, CancellationToken cancellation) =>
        _pipe = PipeReader.Create(await response.Content.ReadAsStreamAsync(cancellation), PipeOptions);

    /// <summary>Waits for the next event.</summary>
    /// <param name="time">Ends the wait without a failure: the watch has lasted long enough.</param>
    /// <param name="cancellation">Ends the wait; only this throws.</param>
    /// <returns>The event; null when the watch is over. A failure is the last event.</returns>
    internal async Task<KubeEvent<T>?> ReadAsync(CancellationToken time, CancellationToken cancellation)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(time, cancellation);
        try
        {
            while (!_isOver)
            {
                ReadResult read = await _pipe!.ReadAsync(either.Token);
                if (TryTakeLine(read, out KubeEvent<T>? change))
                {
                    return change;
                }
            }

            return null;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            _isOver = true;
            return null;
        }
        catch (Exception e) when (KubeSentences.IsOfNetwork(e))
        {
            cancellation.ThrowIfCancellationRequested();
            return Fail(KubeSentences.Judge(request, e, access));
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _pipe?.CompleteAsync() ?? ValueTask.CompletedTask;

    private bool TryTakeLine(in ReadResult read, out KubeEvent<T>? change)
    {
        change = null;
        ReadOnlySequence<byte> buffer = read.Buffer;
        SequencePosition? end = buffer.PositionOf((byte)'\n');
        ReadOnlySequence<byte> line = end is null ? buffer : buffer.Slice(0, end.Value);
        if (line.Length > lineBytesMax)
        {
            _pipe!.AdvanceTo(buffer.End);
            change = Fail(KubeSentences.TooLarge(request, lineBytesMax, code: 200));
            return true;
        }

        if (end is null && !read.IsCompleted)
        {
            _pipe!.AdvanceTo(buffer.Start, buffer.End);
            return false;
        }

        // What is left at the end without a line's end is half an event: the next watch brings it again.
        _isOver = end is null;
        if (end is not null && !IsBlank(line))
        {
            change = line.IsSingleSegment ? Decode(line.FirstSpan) : DecodeCopy(line);
        }

        _pipe!.AdvanceTo(end is null ? buffer.End : buffer.GetPosition(1, end.Value));
        return change is not null;
    }

    private KubeEvent<T> DecodeCopy(in ReadOnlySequence<byte> line)
    {
        byte[] copy = ArrayPool<byte>.Shared.Rent((int)line.Length);
        line.CopyTo(copy);
        KubeEvent<T> change = Decode(copy.AsSpan(0, (int)line.Length));
        ArrayPool<byte>.Shared.Return(copy);
        return change;
    }

    private KubeEvent<T> Decode(ReadOnlySpan<byte> line)
    {
        KubeEvent<T>? change = KubeDecoder.DecodeEvent(resource, line, out KubeStatus? status);
        if (change is not null)
        {
            return change;
        }

        // The answer was 200 long ago: a watch says 410 and all else in an event.
        int code = status!.Reason is "Expired" or "Gone" ? 410 : status.Code is >= 300 and < 600 ? status.Code : 500;
        return Fail(KubeSentences.Judge(request, code, status, access));
    }

    private KubeEvent<T> Fail(KubeOutcome outcome)
    {
        _isOver = true;
        return new KubeEvent<T>(
            KubeEventKind.Failed, null, "", outcome.Result, outcome.Problem, outcome.RetryAfter);
    }

    private static bool IsBlank(in ReadOnlySequence<byte> line) =>
        line.Length == 0 || (line.Length == 1 && line.FirstSpan[0] == (byte)'\r');
}

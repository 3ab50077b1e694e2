using System;
using System.Buffers;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.Metrics;

/// <summary>One request and its response, with the buffers for them; used again for the next one.</summary>
internal sealed class MetricsExchange
{
    private readonly byte[] _request = new byte[MetricsLimits.RequestBytesMax];
    private readonly byte[] _head = new byte[256];
    private readonly ArrayBufferWriter<byte> _body = new(MetricsLimits.ResponseBytesInitial);
    private readonly MetricsWriter _writer;
    private readonly MetricsPages _pages;
    private readonly TimeSpan _requestTime;
    private ScrapeOutcome _outcome;

    /// <summary>Makes the buffers.</summary>
    /// <param name="pages">What is served.</param>
    /// <param name="requestTime">How long a request may take to arrive.</param>
    public MetricsExchange(MetricsPages pages, TimeSpan requestTime)
    {
        _pages = pages;
        _requestTime = requestTime;
        _writer = new MetricsWriter(_body);
    }

    /// <summary>Reads one request, answers it, and waits a moment for the client's end.</summary>
    /// <returns>What became of it; null if the client asked for nothing.</returns>
    /// <exception cref="OperationCanceledException">The client was too slow, or we are stopping.</exception>
    /// <exception cref="SocketException">The client left.</exception>
    public async Task<ScrapeOutcome?> ServeAsync(Socket socket, CancellationToken stop)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stop);
        deadline.CancelAfter(_requestTime);
        int length = await ReadRequestAsync(socket, deadline.Token);
        if (length == 0)
        {
            return null; // a port scan, or a health check by connecting
        }

        _body.ResetWrittenCount();
        _outcome = ScrapeOutcome.Served;
        int headLength = Answer(_request.AsSpan(0, length), out bool hasBody);
        deadline.CancelAfter(MetricsLimits.ResponseTime);
        await SendAsync(socket, _head.AsMemory(0, headLength), deadline.Token);
        if (hasBody)
        {
            await SendAsync(socket, _body.WrittenMemory, deadline.Token);
        }

        // A close with unread bytes would be a reset, and the client might lose the response to it.
        socket.Shutdown(SocketShutdown.Send);
        await DrainAsync(socket, deadline);
        return _outcome;
    }

    private async Task DrainAsync(Socket socket, CancellationTokenSource deadline)
    {
        deadline.CancelAfter(MetricsLimits.CloseTime);
        try
        {
            int read = 1;
            for (int drained = 0; read > 0 && drained < MetricsLimits.RequestBytesMax; drained += read)
            {
                read = await socket.ReceiveAsync(_request.AsMemory(), SocketFlags.None, deadline.Token);
            }
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            // It has its response, and may keep the connection open or reset it.
        }
    }

    private static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, cancel)..];
        }
    }

    private async Task<int> ReadRequestAsync(Socket socket, CancellationToken cancel)
    {
        int length = 0;
        while (length < _request.Length)
        {
            int read = await socket.ReceiveAsync(_request.AsMemory(length), SocketFlags.None, cancel);
            if (read == 0)
            {
                return 0; // half a request: nobody waits for the answer
            }

            length += read;
            if (HttpRequestHead.IsComplete(_request.AsSpan(0, length)))
            {
                break;
            }
        }

        return length;
    }

    private int Answer(ReadOnlySpan<byte> request, out bool hasBody)
    {
        hasBody = true;
        if (!HttpRequestHead.IsComplete(request))
        {
            return Refuse("431 Request Header Fields Too Large"u8, "request too large\n"u8);
        }

        if (!HttpRequestHead.TryParse(request, out HttpRequestHead head))
        {
            return Refuse("400 Bad Request"u8, "not an HTTP/1.1 request\n"u8);
        }

        bool isHead = head.Method.SequenceEqual("HEAD"u8);
        hasBody = !isHead;
        ResponseKind asked = KindOf(head.Path);
        if (asked == ResponseKind.None)
        {
            return Refuse("404 Not Found"u8, "the metrics are at /metrics\n"u8);
        }

        if (!isHead && !head.Method.SequenceEqual("GET"u8))
        {
            return Refuse("405 Method Not Allowed\r\nAllow: GET, HEAD"u8, "only GET and HEAD\n"u8);
        }

        return asked switch
        {
            ResponseKind.Health => Probe(_pages.Health!),
            ResponseKind.Readiness => Probe(_pages.Readiness!),
            _ => Collect(),
        };
    }

    private ResponseKind KindOf(ReadOnlySpan<byte> path) => path switch
    {
        _ when path.SequenceEqual("/metrics"u8) => ResponseKind.Metrics,
        _ when _pages.Health is not null && path.SequenceEqual("/healthz"u8) => ResponseKind.Health,
        _ when _pages.Readiness is not null && path.SequenceEqual("/readyz"u8) => ResponseKind.Readiness,
        _ => ResponseKind.None,
    };

    private int Collect()
    {
        _pages.Collect(_writer);
        return WriteHead("200 OK"u8, "text/plain; version=0.0.4; charset=utf-8"u8);
    }

    // A "no" is an answer too: it is served, and no line of the log each time that a probe asks.
    private int Probe(Func<string?> ask)
    {
        string? fault = ask();
        Encoding.UTF8.GetBytes(fault ?? "ok", _body);
        _body.Write("\n"u8);
        return WriteHead(
            fault is null ? "200 OK"u8 : "503 Service Unavailable"u8, "text/plain; charset=utf-8"u8);
    }

    private int Refuse(ReadOnlySpan<byte> status, ReadOnlySpan<byte> sentence)
    {
        _outcome = ScrapeOutcome.Refused;
        _body.Write(sentence);
        return WriteHead(status, "text/plain; charset=utf-8"u8);
    }

    private int WriteHead(ReadOnlySpan<byte> status, ReadOnlySpan<byte> contentType)
    {
        Span<byte> rest = _head;
        Put(ref rest, "HTTP/1.1 "u8);
        Put(ref rest, status);
        Put(ref rest, "\r\nContent-Type: "u8);
        Put(ref rest, contentType);
        Put(ref rest, "\r\nContent-Length: "u8);
        _body.WrittenCount.TryFormat(rest, out int digits);
        rest = rest[digits..];
        Put(ref rest, "\r\nConnection: close\r\n\r\n"u8);
        return _head.Length - rest.Length;
    }

    private static void Put(ref Span<byte> rest, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(rest);
        rest = rest[bytes.Length..];
    }
}

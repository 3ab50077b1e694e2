using System;
using System.Globalization;
using System.IO;
using System.IO.Compression;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.Perf.Scale.Api;

/// <summary>One connection of a client: requests in, answers out, HTTP/1.1. One caller at a time.</summary>
internal sealed class ApiConnection : IDisposable
{
    private const int BufferBytes = 16 * 1024;
    private const int HeadBytesMax = 16 * 1024;
    private const int BodyBytesMax = 4 << 20;

    // As a real API server: answers from this size on are compressed if the client takes that, watches never are.
    private const int CompressedBytesMin = 128 * 1024;

    private readonly NetworkStream _stream;
    private readonly ByteCounts _counts;
    private byte[] _buffer = new byte[BufferBytes];
    private int _start;
    private int _end;

    /// <summary>Takes a socket over.</summary>
    public ApiConnection(Socket socket, ByteCounts counts)
    {
        socket.NoDelay = true;
        _stream = new NetworkStream(socket, ownsSocket: true);
        _counts = counts;
    }

    /// <summary>Reads the next request.</summary>
    /// <returns>Null if the client closed, or sent what is no request.</returns>
    public async Task<ApiRequest?> ReadAsync(CancellationToken stop)
    {
        int head;
        while ((head = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (_end - _start > HeadBytesMax || !await FillAsync(stop))
            {
                return null;
            }
        }

        string text = Encoding.ASCII.GetString(_buffer, _start, head);
        _start += head + 4;
        if (ApiRequest.Parse(text) is not { } request)
        {
            return null;
        }

        _counts.AddRequest();
        return request.IsChunked
            ? await ReadChunksAsync(stop) is { } chunks ? request with { Body = chunks } : null
            : request.ContentLength is 0
                ? request
                : await ReadBytesAsync(request.ContentLength, stop) is { } body ? request with { Body = body } : null;
    }

    /// <summary>Answers whole.</summary>
    public async Task AnswerAsync(
        ApiRequest request, int status, ReadOnlyMemory<byte> body, CancellationToken stop)
    {
        string encoding = "";
        if (body.Length >= CompressedBytesMin && request.AcceptsGzip)
        {
            body = Compress(body.Span);
            encoding = "Content-Encoding: gzip\r\n";
        }

        await SendAsync(
            Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"HTTP/1.1 {status} {Reason(status)}\r\nContent-Type: application/json\r\n{encoding}"
                + $"Content-Length: {body.Length}\r\n\r\n")),
            stop);
        await SendAsync(body, stop);
    }

    /// <summary>Begins an answer without an end known yet.</summary>
    public Task BeginChunksAsync(CancellationToken stop) => SendAsync(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray(), stop);

    /// <summary>Sends a part of such an answer.</summary>
    public async Task SendChunkAsync(ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        // One write for small ones: a packet each.
        byte[] size = Encoding.ASCII.GetBytes(bytes.Length.ToString("x", CultureInfo.InvariantCulture) + "\r\n");
        byte[] whole = [.. size, .. bytes.Span, (byte)'\r', (byte)'\n'];
        await SendAsync(whole, stop);
    }

    /// <summary>Ends such an answer.</summary>
    public Task EndChunksAsync(CancellationToken stop) => SendAsync("0\r\n\r\n"u8.ToArray(), stop);

    /// <summary>Closes.</summary>
    public void Dispose() => _stream.Dispose();

    private async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        await _stream.WriteAsync(bytes, stop);
        _counts.AddSent(bytes.Length);
    }

    private async Task<byte[]?> ReadChunksAsync(CancellationToken stop)
    {
        using var body = new MemoryStream();
        while (true)
        {
            int end;
            while ((end = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n"u8)) < 0)
            {
                if (!await FillAsync(stop))
                {
                    return null;
                }
            }

            if (!int.TryParse(
                    Encoding.ASCII.GetString(_buffer, _start, end), NumberStyles.HexNumber,
                    CultureInfo.InvariantCulture, out int size)
                || body.Length + size > BodyBytesMax)
            {
                return null;
            }

            _start += end + 2;
            if (await ReadBytesAsync(size + 2, stop) is not { } chunk)
            {
                return null;
            }

            body.Write(chunk, 0, size);
            if (size == 0)
            {
                return body.ToArray();
            }
        }
    }

    private async Task<byte[]?> ReadBytesAsync(int count, CancellationToken stop)
    {
        if (count > BodyBytesMax)
        {
            return null;
        }

        while (_end - _start < count)
        {
            if (!await FillAsync(stop))
            {
                return null;
            }
        }

        byte[] bytes = _buffer.AsSpan(_start, count).ToArray();
        _start += count;
        return bytes;
    }

    private async Task<bool> FillAsync(CancellationToken stop)
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        int read = await _stream.ReadAsync(_buffer.AsMemory(_end), stop);
        _counts.AddReceived(read);
        _end += read;
        return read > 0;
    }

    private static byte[] Compress(ReadOnlySpan<byte> body)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(body);
        }

        return compressed.ToArray();
    }

    private static string Reason(int status) => status switch
    {
        200 => "OK",
        201 => "Created",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        410 => "Gone",
        422 => "Unprocessable Entity",
        _ => "Unknown",
    };
}

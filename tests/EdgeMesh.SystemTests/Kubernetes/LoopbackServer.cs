using System;
using System.Collections.Concurrent;
using System.Globalization;
using System.IO;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.UnitTests.Kubernetes.StandIns;

namespace EdgeMesh.SystemTests.Kubernetes;

/// <summary>HTTP/1.1 on the loopback: requests go to a stand-in, watches are sent in chunks.</summary>
public sealed class LoopbackServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<TcpClient, bool> _clients = new();
    private readonly Func<string, string, byte[], StandInAnswer> _handle;
    private readonly SslServerAuthenticationOptions? _tls;
    private readonly Task _accepting;

    /// <summary>Listens on a free port.</summary>
    /// <param name="handle">Answers: method, target, body.</param>
    /// <param name="certificate">For HTTPS; clients must then show one that it signed itself. Null: HTTP.</param>
    public LoopbackServer(Func<string, string, byte[], StandInAnswer> handle, X509Certificate2? certificate = null)
    {
        _handle = handle;
        _tls = certificate is null ? null : new SslServerAuthenticationOptions
        {
            ServerCertificate = certificate,
            ClientCertificateRequired = true,
            RemoteCertificateValidationCallback = (_, shown, _, _) =>
                shown is not null && shown.GetCertHashString() == certificate.GetCertHashString(),
        };
        _listener.Start();
        int port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        Address = new Uri($"{(_tls is null ? "http" : "https")}://127.0.0.1:{port}");
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Breaks all connections, as the end of the process would.</summary>
    public void CutConnections()
    {
        foreach (TcpClient client in _clients.Keys)
        {
            client.Close();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_accepting.IsCompleted)
        {
            return; // a test ended it before
        }

        await _stop.CancelAsync();
        _listener.Stop();
        CutConnections();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _clients[client] = true;
                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            client.NoDelay = true;
            Stream stream = client.GetStream();
            if (_tls is not null)
            {
                var secured = new SslStream(stream);
                stream = secured;
                await secured.AuthenticateAsServerAsync(_tls, _stop.Token);
            }

            await using (stream)
            {
                while (await ReadRequestAsync(stream) is { } request)
                {
                    StandInAnswer answer = _handle(request.Method, request.Target, request.Body);
                    await Task.Delay(answer.Delay, _stop.Token);
                    await WriteAsync(stream, answer);
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException
            or ObjectDisposedException or System.Security.Authentication.AuthenticationException)
        {
            // The client has gone, or is not welcome.
        }
        finally
        {
            _clients.TryRemove(client, out _);
            client.Dispose();
        }
    }

    private async Task<Request?> ReadRequestAsync(Stream stream)
    {
        if (await ReadLineAsync(stream) is not { Length: > 0 } first)
        {
            return null;
        }

        int length = 0;
        while (await ReadLineAsync(stream) is { Length: > 0 } header)
        {
            if (header.StartsWith("content-length:", StringComparison.OrdinalIgnoreCase))
            {
                length = int.Parse(header.AsSpan("content-length:".Length), CultureInfo.InvariantCulture);
            }
        }

        byte[] body = new byte[length];
        await stream.ReadExactlyAsync(body, _stop.Token);
        string[] words = first.Split(' ');
        return new Request(words[0], words[1], body);
    }

    private async Task<string?> ReadLineAsync(Stream stream)
    {
        var line = new StringBuilder();
        byte[] one = new byte[1];
        while (await stream.ReadAsync(one, _stop.Token) == 1)
        {
            if (one[0] == (byte)'\n')
            {
                return line.ToString().TrimEnd('\r');
            }

            line.Append((char)one[0]);
        }

        return null;
    }

    private async Task WriteAsync(Stream stream, StandInAnswer answer)
    {
        string retry = answer.RetryAfterSeconds is { } seconds ? $"Retry-After: {seconds}\r\n" : "";
        string length = answer.Watch is null ? $"Content-Length: {answer.Body.Length}" : "Transfer-Encoding: chunked";
        await SendAsync(
            stream, $"HTTP/1.1 {answer.Code} -\r\nContent-Type: application/json\r\n{retry}{length}\r\n\r\n");
        if (answer.Watch is null)
        {
            await stream.WriteAsync(answer.Body, _stop.Token);
            return;
        }

        await foreach (string line in answer.Watch.Lines.ReadAllAsync(_stop.Token))
        {
            int bytes = Encoding.UTF8.GetByteCount(line) + 1;
            await SendAsync(stream, $"{bytes:x}\r\n{line}\n\r\n");
        }

        await SendAsync(stream, "0\r\n\r\n");
    }

    private ValueTask SendAsync(Stream stream, string text) =>
        stream.WriteAsync(Encoding.UTF8.GetBytes(text), _stop.Token);

    private sealed record Request(string Method, string Target, byte[] Body);
}

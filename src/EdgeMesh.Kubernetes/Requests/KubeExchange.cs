using System;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Kubernetes.Access;
using EdgeMesh.Kubernetes.Objects;

namespace EdgeMesh.Kubernetes.Requests;

/// <summary>Sends requests and judges answers; knows nothing of objects. Safe from every thread.</summary>
internal sealed class KubeExchange : IDisposable
{
    private static readonly MediaTypeHeaderValue JsonType = new("application/json");
    private static readonly MediaTypeHeaderValue MergePatchType = new("application/merge-patch+json");

    private readonly KubeAccess _access;
    private readonly KubeClientOptions _options;
    private readonly BearerToken _token;
    private readonly HttpClient _http;
    private readonly Uri _root;

    internal KubeExchange(KubeAccess access, KubeClientOptions options, HttpMessageHandler handler)
    {
        _access = access;
        _options = options;
        Time = options.Time ?? TimeProvider.System;
        _token = new BearerToken(access, Time);
        string version = options.Version ?? typeof(KubeExchange).Assembly.GetName().Version?.ToString(3) ?? "0";
        string root = access.Server.AbsoluteUri;
        _root = new Uri(root.EndsWith('/') ? root : $"{root}/");
        _http = new HttpClient(handler)
        {
            Timeout = Timeout.InfiniteTimeSpan, // each request has its own
            DefaultRequestVersion = access.Server.Scheme == "https" ? HttpVersion.Version20 : HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("edgemesh", version));
        _http.DefaultRequestHeaders.Accept.ParseAdd("application/json");
    }

    /// <summary>The clock of all time limits.</summary>
    internal TimeProvider Time { get; }

    /// <summary>Asks and waits for the whole answer.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="method">How.</param>
    /// <param name="query">Behind the path, with its question mark, or empty.</param>
    /// <param name="body">JSON, or null.</param>
    /// <param name="cancellation">Ends the wait, and only this throws.</param>
    internal async Task<KubeAnswer> AskAsync(
        KubeRequest request, HttpMethod method, string query, byte[]? body, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(_options.RequestTimeLimit, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        long askedAt = Time.GetTimestamp();

        // The link of an edge node may be slow: what keeps coming is waited for, but not for ever.
        void Progressed()
        {
            TimeSpan left = _options.AnswerTimeLimit - Time.GetElapsedTime(askedAt);
            TimeSpan wait = left < _options.RequestTimeLimit ? left : _options.RequestTimeLimit;
            limit.CancelAfter(wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
        }

        try
        {
            using HttpRequestMessage message = Write(request, method, query, body);
            using HttpResponseMessage response =
                await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return await ReadAsync(request, response, Progressed, either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            TimeSpan waited = Time.GetElapsedTime(askedAt);
            return new KubeAnswer(
                KubeSentences.Late(
                    request, waited < _options.AnswerTimeLimit ? _options.RequestTimeLimit : _options.AnswerTimeLimit,
                    _access),
                null);
        }
        catch (Exception e) when (KubeSentences.IsOfNetwork(e))
        {
            cancellation.ThrowIfCancellationRequested();
            return new KubeAnswer(KubeSentences.Judge(request, e, _access), null);
        }
    }

    /// <summary>Asks for a stream. The answer must begin within the time limit; then it may last.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="query">Behind the path.</param>
    /// <param name="cancellation">Ends the wait, and only this throws.</param>
    /// <returns>The response, to be disposed, or why there is none.</returns>
    internal async Task<(HttpResponseMessage? Response, KubeOutcome Outcome)> OpenAsync(
        KubeRequest request, string query, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(_options.RequestTimeLimit, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        HttpResponseMessage? response = null;
        try
        {
            using HttpRequestMessage message = Write(request, HttpMethod.Get, query, body: null);
            response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, either.Token);
            if (response.IsSuccessStatusCode)
            {
                HttpResponseMessage opened = response;
                response = null;
                return (opened, KubeOutcome.Good((int)opened.StatusCode));
            }

            using KubeAnswer answer = await ReadAsync(request, response, static () => { }, either.Token);
            return (null, answer.Outcome);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (null, KubeSentences.Late(request, _options.RequestTimeLimit, _access));
        }
        catch (Exception e) when (KubeSentences.IsOfNetwork(e))
        {
            cancellation.ThrowIfCancellationRequested();
            return (null, KubeSentences.Judge(request, e, _access));
        }
        finally
        {
            response?.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private HttpRequestMessage Write(KubeRequest request, HttpMethod method, string query, byte[]? body)
    {
        var message = new HttpRequestMessage(method, new Uri(_root, request.Path + query))
        {
            Version = _http.DefaultRequestVersion,
            VersionPolicy = _http.DefaultVersionPolicy,
        };
        if (_token.Current() is { } token)
        {
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        if (body is not null)
        {
            message.Content = new ByteArrayContent(body);
            message.Content.Headers.ContentType = method == HttpMethod.Patch ? MergePatchType : JsonType;
        }

        return message;
    }

    private async Task<KubeAnswer> ReadAsync(
        KubeRequest request, HttpResponseMessage response, Action progressed, CancellationToken cancellation)
    {
        int code = (int)response.StatusCode;
        if (response.StatusCode == HttpStatusCode.Unauthorized)
        {
            _token.Expire();
        }

        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellation);
        KubeBody? body = await KubeBody.ReadAsync(
            stream, response.Content.Headers.ContentLength, _options.ResponseBytesMax, progressed, cancellation);
        if (response.IsSuccessStatusCode)
        {
            return body is null
                ? new KubeAnswer(KubeSentences.TooLarge(request, _options.ResponseBytesMax, code), null)
                : new KubeAnswer(KubeOutcome.Good(code), body);
        }

        using (body)
        {
            KubeStatus? status = body is null ? null : KubeDecoder.DecodeStatus(body.Bytes);
            KubeOutcome outcome = KubeSentences.Judge(request, code, status, _access);
            return new KubeAnswer(outcome with { RetryAfter = RetryAfter(response) }, null);
        }
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        RetryConditionHeaderValue? header = response.Headers.RetryAfter;
        TimeSpan? wait = header?.Delta ?? header?.Date - Time.GetUtcNow();
        return wait > TimeSpan.Zero ? wait : null;
    }
}

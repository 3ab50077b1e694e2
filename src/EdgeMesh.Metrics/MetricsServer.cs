using System;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.Metrics;

// Everything runs on the thread pool: one task accepts, one task per connection serves one request and ends it. Nothing
// here is on a worker's thread; a worker's counters are plain fields that collect reads.

/// <summary>Serves metrics, health and readiness by HTTP/1.1, one request per connection.</summary>
public sealed class MetricsServer : IDisposable
{
    private readonly Socket _listener;
    private readonly MetricsPages _pages;
    private readonly ScrapeLog _log;
    private readonly TimeSpan _requestTime;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<MetricsExchange> _idle = [];
    private readonly Lock _answering = new();
    private int _connections;
    private int _disposed;

    /// <summary>Listens and serves until disposed.</summary>
    /// <param name="endPoint">Where to listen; port 0 takes any free one.</param>
    /// <param name="pages">What is served.</param>
    /// <param name="log">Where it is counted and said what became of requests.</param>
    /// <param name="option">The option that gave the address, for messages.</param>
    /// <param name="requestTime">How long a request may take to arrive, if not
    /// <see cref="MetricsLimits.RequestTime"/>.</param>
    /// <exception cref="MetricsServerException">The address can't be used; says why, and what to do.</exception>
    public MetricsServer(
        IPEndPoint endPoint, MetricsPages pages, ScrapeLog log, string option = "--metrics",
        TimeSpan? requestTime = null)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        ArgumentNullException.ThrowIfNull(pages);
        ArgumentNullException.ThrowIfNull(log);
        _pages = new MetricsPages(
            writer => Answer(() => pages.Collect(writer)),
            pages.Health is { } health ? () => Answer(health) : null,
            pages.Readiness is { } readiness ? () => Answer(readiness) : null);
        _log = log;
        _requestTime = requestTime ?? MetricsLimits.RequestTime;
        _listener = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _listener.Bind(endPoint);
            _listener.Listen(MetricsLimits.Backlog);
        }
        catch (SocketException e)
        {
            _listener.Dispose();
            _stop.Dispose();
            throw new MetricsServerException(Explain($"{option} {endPoint}", e), e);
        }

        LocalEndPoint = (IPEndPoint)_listener.LocalEndPoint!;
        _ = Task.Run(AcceptAsync);
    }

    /// <summary>The address that clients connect to.</summary>
    public IPEndPoint LocalEndPoint { get; }

    /// <summary>Stops listening and ends what is being served.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        // The source itself stays: tasks that are about to end still look at its token, and it holds no handle.
        _stop.Cancel();
        _listener.Dispose();
    }

    private static string Explain(string what, SocketException e) => e.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse =>
            $"{what}: the address is taken by another process; choose another one, or off",
        SocketError.AddressNotAvailable =>
            $"{what}: no link of this node has the address; choose another one, or off",
        SocketError.AccessDenied =>
            $"{what}: ports below 1024 need CAP_NET_BIND_SERVICE; choose a higher one, or off",
        _ => $"{what}: {e.Message}; choose another address, or off",
    };

    // Null once the client is gone.
    private static EndPoint? EndPointOf(Socket socket)
    {
        try
        {
            return socket.RemoteEndPoint;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptAsync(_stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException e)
            {
                // The client left before we took it, or the process is out of descriptors: wait, so as not to spin.
                _log.Add(ScrapeOutcome.NotAccepted, null, e.Message);
                await Task.Delay(MetricsLimits.CloseTime, _stop.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            if (Interlocked.Increment(ref _connections) > MetricsLimits.ConnectionsMax)
            {
                Interlocked.Decrement(ref _connections);
                _log.Add(
                    ScrapeOutcome.TooMany, EndPointOf(socket), $"{MetricsLimits.ConnectionsMax} others are served now");
                socket.Dispose();
                continue;
            }

            _ = Task.Run(() => ServeAsync(socket));
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        if (!_idle.TryTake(out MetricsExchange? exchange))
        {
            exchange = new MetricsExchange(_pages, _requestTime);
        }

        EndPoint? from = EndPointOf(socket);
        try
        {
            if (await exchange.ServeAsync(socket, _stop.Token) is { } outcome)
            {
                _log.Add(outcome, from, "its request was not GET in HTTP/1.1 of a page that is here");
            }
        }
        catch (Exception e) when (_stop.IsCancellationRequested
            && e is SocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // We end it ourselves.
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            _log.Add(ScrapeOutcome.Cut, from, e.Message);
        }
        catch (OperationCanceledException)
        {
            _log.Add(ScrapeOutcome.Cut, from, "it took longer over its request or our response than it may");
        }
        catch (Exception e)
        {
            // The connection ends here, and a broken scrape must not end the process.
            _log.Add(ScrapeOutcome.Failed, from, e.ToString());
        }
        finally
        {
            socket.Dispose();
            Debug.Assert(_idle.Count < MetricsLimits.ConnectionsMax);
            _idle.Add(exchange);
            Interlocked.Decrement(ref _connections);
        }
    }

    private void Answer(Action page)
    {
        lock (_answering)
        {
            page();
        }
    }

    private string? Answer(Func<string?> page)
    {
        lock (_answering)
        {
            return page();
        }
    }
}

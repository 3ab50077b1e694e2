using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Dataplane.Mesh;
using EdgeMesh.Io;
using EdgeMesh.Io.Sockets;
using EdgeMesh.Libp2p.Multiaddresses;
using EdgeMesh.Libp2p.Security;

namespace EdgeMesh.Dataplane.Reception;

/// <summary>
/// Dials a peer at all its addresses, a little apart; the first to end its handshake wins (RFC 8305's idea).
/// </summary>
/// <remarks>Runs on the reception's thread only.</remarks>
internal sealed class Dialer(EventLoop loop, Handshakes handshakes)
{
    /// <summary>Lead of each address over the next (RFC 8305 §5, "Connection Attempt Delay").</summary>
    public static readonly TimeSpan Lead = TimeSpan.FromMilliseconds(250);

    /// <summary>Time that a TCP connection may take, at most.</summary>
    public static readonly TimeSpan ConnectTimeMax = TimeSpan.FromSeconds(4);

    /// <summary>Endpoints tried in one dial, at most.</summary>
    public const int EndPointsMax = 16;

    /// <summary>Dials until one address leads to <paramref name="peer"/>.</summary>
    /// <param name="peer">Whom to dial.</param>
    /// <param name="cancellation">Must be cancelled on this thread.</param>
    /// <exception cref="DialException">No address did; the message says why the last one failed.</exception>
    public async Task<Established> DialAsync(PeerInfo peer, CancellationToken cancellation)
    {
        List<IPEndPoint> endPoints = await ResolveAsync(peer.Addresses, cancellation);
        using CancellationTokenSource race = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        List<Task<Established>> attempts = [];
        Exception? failure = null;
        int next = 0;
        try
        {
            while (next < endPoints.Count || attempts.Count > 0)
            {
                if (next < endPoints.Count)
                {
                    attempts.Add(AttemptAsync(endPoints[next++], peer, race.Token));
                }

                Task<Established>? ended = await FirstEndedAsync(attempts, isLast: next == endPoints.Count, race.Token);
                if (ended is null)
                {
                    continue;
                }

                attempts.Remove(ended);
                try
                {
                    return await ended;
                }
                catch (Exception exception) when (IsAttemptFailure(exception) && !cancellation.IsCancellationRequested)
                {
                    failure = exception;
                }
            }
        }
        finally
        {
            CancelHere(race);
            attempts.ForEach(AbandonLate);
        }

        cancellation.ThrowIfCancellationRequested();
        throw new DialException(failure);
    }

    // CancelAsync would run the callbacks on the thread pool, and they touch this thread's sockets.
    private static void CancelHere(CancellationTokenSource source) => source.Cancel();

    private static bool IsAttemptFailure(Exception exception) => exception
        is UpgradeException or HandshakeEndedException or SocketException or System.IO.IOException
            or OperationCanceledException;

    private static void AbandonLate(Task<Established> attempt) => _ = attempt.ContinueWith(
        static late =>
        {
            if (late.IsCompletedSuccessfully)
            {
                late.Result.Abandon();
            }
            else
            {
                _ = late.Exception; // observed: the winner is known, why a loser lost is nobody's concern
            }
        },
        CancellationToken.None,
        TaskContinuationOptions.None,
        TaskScheduler.FromCurrentSynchronizationContext());

    private static async Task<List<IPEndPoint>> ResolveAsync(
        IReadOnlyList<string> addresses, CancellationToken cancellation)
    {
        List<IPEndPoint> endPoints = [];
        Exception? failure = null;
        foreach (string text in addresses)
        {
            if (!Multiaddr.TryParse(text, out Multiaddr? address) || !address.TryGetTcp(out TcpTarget? target))
            {
                continue;
            }

            try
            {
                IPAddress[] found = target.Address is { } ip
                    ? [ip] : await Dns.GetHostAddressesAsync(target.Host, cancellation);
                foreach (IPAddress each in found)
                {
                    endPoints.Add(new IPEndPoint(each, target.Port));
                }
            }
            catch (SocketException exception)
            {
                failure = exception;
            }
        }

        if (endPoints.Count == 0)
        {
            throw new DialException(failure);
        }

        return endPoints.Count > EndPointsMax ? endPoints[..EndPointsMax] : endPoints;
    }

    private async Task<Task<Established>?> FirstEndedAsync(
        List<Task<Established>> attempts,
        bool isLast,
        CancellationToken cancellation)
    {
        Task<Task<Established>> first = Task.WhenAny(attempts);
        if (!isLast)
        {
            using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            Task lead = loop.DelayAsync(Lead, enough.Token).AsTask();
            Task ended = await Task.WhenAny(first, lead);
            CancelHere(enough);
            if (ended != first)
            {
                return null;
            }
        }

        return await first;
    }

    private async Task<TcpConnection> ConnectAsync(IPEndPoint endPoint, CancellationToken cancellation)
    {
        // Without a limit the kernel repeats its SYN ever less often: a path that heals would wait for that.
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        LoopTimer timer = loop.CreateTimer(static source => ((CancellationTokenSource)source!).Cancel(), limit);
        timer.Schedule(loop.Now + ConnectTimeMax);
        try
        {
            return await TcpConnection.ConnectAsync(loop, endPoint, limit.Token);
        }
        catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
        {
            throw new System.IO.IOException(
                $"{endPoint} did not answer within {ConnectTimeMax.TotalSeconds:0} s", exception);
        }
        finally
        {
            timer.Cancel();
        }
    }

    private async Task<Established> AttemptAsync(IPEndPoint endPoint, PeerInfo peer, CancellationToken cancellation)
    {
        TcpConnection connection = await ConnectAsync(endPoint, cancellation);
        try
        {
            SecuredConnection secured = await handshakes.UpgradeAsync(
                connection, isInitiator: true, peer.Id, id => id.Equals(peer.Id), cancellation);
            return new Established(connection, secured);
        }
        catch
        {
            connection.Abort();
            connection.Dispose();
            throw;
        }
    }
}

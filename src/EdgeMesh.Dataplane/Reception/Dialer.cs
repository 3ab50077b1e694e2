using System;
using System.Collections.Generic;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Dataplane.Mesh;
using EdgeMesh.Io;
using EdgeMesh.Io.Sockets;
using EdgeMesh.Libp2p.Security;
using EdgeMesh.Underlay;

namespace EdgeMesh.Dataplane.Reception;

/// <summary>
/// Dials a peer at all its addresses, a little apart; the first to end its handshake wins (RFC 8305's idea).
/// </summary>
/// <remarks>Runs on the reception's thread only.</remarks>
/// <param name="loop">The reception's.</param>
/// <param name="handshakes">Where attempts prove who is there.</param>
/// <param name="resolveAsync">The addresses of a name; the system's resolver unless told otherwise.</param>
internal sealed class Dialer(
    EventLoop loop, Handshakes handshakes, Func<string, CancellationToken, Task<IPAddress[]>>? resolveAsync = null)
{
    /// <summary>Lead of each address over the next (RFC 8305 §5, "Connection Attempt Delay").</summary>
    public static readonly TimeSpan Lead = TimeSpan.FromMilliseconds(250);

    /// <summary>Time that a TCP connection may take, at most.</summary>
    public static readonly TimeSpan ConnectTimeMax = TimeSpan.FromSeconds(4);

    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolveAsync =
        resolveAsync ?? Dns.GetHostAddressesAsync;

    /// <summary>Dials until one address leads to <paramref name="peer"/>.</summary>
    /// <param name="peer">Whom to dial.</param>
    /// <param name="cancellation">Must be cancelled on this thread.</param>
    /// <exception cref="DialException">No address did; the message says why the last one failed.</exception>
    public async Task<Established> DialAsync(PeerInfo peer, CancellationToken cancellation)
    {
        using CancellationTokenSource race = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        DialTargets targets = new(loop, peer.Addresses, _resolveAsync, race.Token);
        List<Task<Established>> attempts = [];
        Exception? failure = null;
        Task lead = Task.CompletedTask;
        try
        {
            while (!targets.IsOver || attempts.Count > 0)
            {
                if (lead.IsCompleted && targets.TryTake(out IPEndPoint? endPoint))
                {
                    attempts.Add(AttemptAsync(endPoint, peer, race.Token));
                    lead = loop.DelayAsync(Lead, race.Token).AsTask();
                    continue;
                }

                // At least one of them is under way: what is ready waits for the lead.
                await Task.WhenAny([.. attempts, .. targets.Resolving, .. targets.HasReady ? (Task[])[lead] : []]);
                targets.Settle();
                if (attempts.Find(attempt => attempt.IsCompleted) is not { } ended)
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
                    lead = Task.CompletedTask;
                }
            }
        }
        finally
        {
            CancelHere(race);
            attempts.ForEach(AbandonLate);
        }

        cancellation.ThrowIfCancellationRequested();
        throw new DialException(failure ?? targets.Failure);
    }

    // CancelAsync would run the callbacks on the thread pool, and they touch this thread's sockets.
    private static void CancelHere(CancellationTokenSource source) => source.Cancel();

    private static bool IsAttemptFailure(Exception exception) => exception
        is UpgradeException or HandshakeEndedException or System.IO.IOException
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

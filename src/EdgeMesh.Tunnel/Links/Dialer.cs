using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
using EdgeMesh.Libp2p.Security;
using EdgeMesh.Tunnel.Mesh;
using EdgeMesh.Underlay;

namespace EdgeMesh.Tunnel.Links;

/// <summary>
/// Dials a peer at all its addresses, a little apart; the first to end its handshake wins (RFC 8305's idea).
/// </summary>
/// <remarks>Runs on the links' thread only.</remarks>
/// <param name="loop">The links'.</param>
/// <param name="transports">What can dial.</param>
/// <param name="handshakes">Where attempts prove who is there.</param>
/// <param name="slots">How many attempts there may be at once.</param>
internal sealed class Dialer(Loop loop, IReadOnlyList<Transport> transports, Handshakes handshakes, DialSlots slots)
{
    /// <summary>Lead of each address over the next (RFC 8305 §5, "Connection Attempt Delay").</summary>
    public static readonly TimeSpan Lead = TimeSpan.FromMilliseconds(250);

    /// <summary>Time that a connection may take, at most.</summary>
    public static readonly TimeSpan ConnectTimeMax = TimeSpan.FromSeconds(4);

    /// <summary>Attempts of one dial at once: the next address waits until one of them failed.</summary>
    public const int AttemptsMax = 4;

    /// <summary>Dials until one address leads to <paramref name="peer"/>.</summary>
    /// <param name="peer">Whom to dial.</param>
    /// <param name="addresses">Where.</param>
    /// <param name="hasFailed">Whether the last dial of the peer failed: then others go first.</param>
    /// <param name="cancellation">Must be cancelled on this thread.</param>
    /// <exception cref="DialException">No address did; the message says why the last one failed.</exception>
    public async Task<Established> DialAsync(
        PeerInfo peer, IReadOnlyList<Multiaddr> addresses, bool hasFailed, CancellationToken cancellation)
    {
        using CancellationTokenSource race = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        DialTargets targets = new(transports, addresses, race.Token);
        List<Task<Established>> attempts = [];
        Exception? failure = null;
        bool isFurther = false;
        Task lead = Task.CompletedTask;
        try
        {
            while (!targets.IsOver || attempts.Count > 0)
            {
                bool mayBegin = lead.IsCompleted && attempts.Count < AttemptsMax;
                if (mayBegin && targets.TryTake(out Transport? transport, out Multiaddr? address))
                {
                    Task place = slots.TakeAsync(hasFailed, isFurther, race.Token);
                    attempts.Add(AttemptAsync(place, transport, address, peer, race.Token));
                    isFurther = true;
                    lead = loop.DelayAsync(Lead, race.Token).AsTask();
                    continue;
                }

                // At least one of them is under way: what is ready waits for the lead, or for an attempt to fail.
                bool waitsForLead = targets.HasReady && !lead.IsCompleted;
                await Task.WhenAny([.. attempts, .. targets.Resolving, .. waitsForLead ? (Task[])[lead] : []]);
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

    // CancelAsync would run the callbacks on the thread pool, and they touch this thread's connections.
    private static void CancelHere(CancellationTokenSource source) => source.Cancel();

    private static bool IsAttemptFailure(Exception exception) => exception
        is UpgradeException or HandshakeEndedException or IOException or OperationCanceledException;

    private static void AbandonLate(Task<Established> attempt) => _ = AbandonLateAsync(attempt);

    private static async Task AbandonLateAsync(Task<Established> attempt)
    {
        try
        {
            (await attempt).Abandon();
        }
        catch (Exception exception) when (IsAttemptFailure(exception))
        {
            // The winner is known; why a loser lost is nobody's concern.
        }
    }

    private async Task<UnderlayConnection> ConnectAsync(
        Transport transport, Multiaddr address, CancellationToken cancellation)
    {
        // Without a limit the kernel repeats its SYN ever less often: a path that heals would wait for that.
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        LoopTimer timer = loop.CreateTimer(static source => ((CancellationTokenSource)source!).Cancel(), limit);
        timer.Schedule(loop.Now + ConnectTimeMax);
        try
        {
            return await transport.DialAsync(address, limit.Token);
        }
        catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
        {
            throw new IOException($"{address} did not answer within {ConnectTimeMax.TotalSeconds:0} s", exception);
        }
        finally
        {
            timer.Cancel();
        }
    }

    private async Task<Established> AttemptAsync(
        Task place, Transport transport, Multiaddr address, PeerInfo peer, CancellationToken cancellation)
    {
        await place;
        try
        {
            UnderlayConnection connection = await ConnectAsync(transport, address, cancellation);
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
        finally
        {
            slots.Release();
        }
    }
}

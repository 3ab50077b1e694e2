using System;
using System.IO;
using System.IO.Pipelines;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
using EdgeMesh.Libp2p.Identity;
using EdgeMesh.Libp2p.Multistreams;

namespace EdgeMesh.Libp2p.Security;

/// <summary>Makes a byte stream a secured connection: multistream-select, Noise XX, proof of the peer, muxer.</summary>
/// <remarks><code>
///   dialer                                       listener
///   /multistream/1.0.0, /noise           ->
///                                        &lt;-      /multistream/1.0.0, (na ...) /noise
///   e                                    ->
///                                        &lt;-      e, ee, s, es, payload      the dialer judges the listener here
///   s, se, payload                       ->                                 the listener judges the dialer here
///   (multistream of the muxer, sealed, unless both payloads list muxers)
/// </code></remarks>
public static class NoiseUpgrade
{
    /// <summary>The security protocol (libp2p noise, "Overview").</summary>
    public const string SecurityProtocol = "/noise";

    /// <summary>The one stream multiplexer of the mesh.</summary>
    public const string Yamux = "/yamux/1.0.0";

    /// <summary>Runs the upgrade.</summary>
    /// <param name="pipe">The byte stream. On success the bytes behind the upgrade are still in it.</param>
    /// <param name="isInitiator">Whether we dialed.</param>
    /// <param name="identity">Our identity.</param>
    /// <param name="expected">The peer that we dialed, if we know.</param>
    /// <param name="isAllowed">Whether a peer may connect at all. Asked before the peer has proven its id.</param>
    /// <param name="cancellationToken">The caller's deadline: the only one there is.</param>
    /// <returns>The keys, owned by the caller.</returns>
    /// <exception cref="UpgradeException">The connection isn't secured, and why.</exception>
    public static async ValueTask<SecuredConnection> UpgradeAsync(
        IDuplexPipe pipe,
        bool isInitiator,
        KeyPair identity,
        PeerId? expected,
        Func<PeerId, bool> isAllowed,
        CancellationToken cancellationToken)
    {
        try
        {
            await SelectSecurityAsync(pipe, isInitiator, cancellationToken);
            using var exchange = new NoiseExchange(pipe, isInitiator, identity, expected, isAllowed);
            return await exchange.RunAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or ExternalException)
        {
            // What streams and sockets throw when the connection breaks: an ExternalException is a socket's errno.
            throw new UpgradeException(UpgradeFailure.Closed, $"the connection broke: {e.Message}", inner: e);
        }
    }

    private static async ValueTask SelectSecurityAsync(
        IDuplexPipe pipe, bool isInitiator, CancellationToken cancellationToken)
    {
        try
        {
            // A responder says na to everything else, go's /libp2p/simultaneous-connect included.
            _ = isInitiator
                ? await Multistream.SelectAsync(pipe, [SecurityProtocol], cancellationToken)
                : await Multistream.HandleAsync(
                    pipe, static protocol => protocol == SecurityProtocol, cancellationToken);
        }
        catch (MultistreamException e)
        {
            UpgradeFailure failure = e.State switch
            {
                MultistreamState.NoCommonProtocol => UpgradeFailure.NoCommonProtocol,
                MultistreamState.Closed => UpgradeFailure.Closed,
                _ => UpgradeFailure.Malformed,
            };
            throw new UpgradeException(failure, e.Message, inner: e);
        }
    }
}

using System;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Libp2p.Identity;

namespace EdgeMesh.Libp2p.Security;

/// <summary>Makes a byte stream a secured connection: multistream-select, Noise XX, the peer's proof, the muxer.</summary>
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
    /// <param name="isAllowed">Whether a peer may connect at all.</param>
    /// <param name="cancellationToken">The caller's deadline: the only one there is.</param>
    /// <returns>The keys, owned by the caller.</returns>
    /// <exception cref="UpgradeException">The connection isn't secured, and why.</exception>
    public static ValueTask<SecuredConnection> UpgradeAsync(
        IDuplexPipe pipe,
        bool isInitiator,
        KeyPair identity,
        PeerId? expected,
        Func<PeerId, bool> isAllowed,
        CancellationToken cancellationToken) =>
        throw new NotSupportedException("not there yet");
}

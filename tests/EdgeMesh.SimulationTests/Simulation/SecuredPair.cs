using System;
using System.IO.Pipelines;
using EdgeMesh.Libp2p.Connections;
using EdgeMesh.Libp2p.Identity;
using EdgeMesh.Libp2p.Security;
using EdgeMesh.Noise;

namespace EdgeMesh.SimulationTests.Simulation;

/// <summary>Two connections at the ends of one byte stream, with keys as a handshake would have left them.</summary>
public sealed class SecuredPair
{
    private static readonly byte[] KeyThere = [.. System.Linq.Enumerable.Repeat((byte)1, 32)];
    private static readonly byte[] KeyBack = [.. System.Linq.Enumerable.Repeat((byte)2, 32)];

    public SecuredPair(
        IDuplexPipe left,
        IDuplexPipe right,
        ConnectionOptions leftOptions,
        ConnectionOptions rightOptions,
        ConnectionSetup? leftSetup = null,
        ConnectionSetup? rightSetup = null)
    {
        Left = new Connection(left, Keys(isInitiator: true), leftOptions, leftSetup ?? new ConnectionSetup());
        Right = new Connection(right, Keys(isInitiator: false), rightOptions, rightSetup ?? new ConnectionSetup());
    }

    /// <summary>The initiator.</summary>
    public Connection Left { get; }

    public Connection Right { get; }

    public static KeyPair IdentityOf(byte seed)
    {
        byte[] bytes = new byte[32];
        Array.Fill(bytes, seed);
        return KeyPair.FromSeed(bytes);
    }

    /// <summary>Keys of one end.</summary>
    /// <param name="isInitiator">Which end.</param>
    /// <param name="earlyPlaintext">What the peer sent with the handshake's last message.</param>
    public static SecuredConnection Keys(bool isInitiator, byte[]? earlyPlaintext = null)
    {
        using KeyPair peer = IdentityOf(isInitiator ? (byte)2 : (byte)1);
        return new SecuredConnection(
            peer.PeerId,
            new CipherState(isInitiator ? KeyThere : KeyBack),
            new CipherState(isInitiator ? KeyBack : KeyThere),
            isInitiator,
            NoiseUpgrade.Yamux,
            earlyPlaintext ?? []);
    }
}

using System;
using EdgeMesh.Addresses;
using EdgeMesh.Noise;

namespace EdgeMesh.Libp2p.Security;

/// <summary>What a secured connection is besides its pipe: who the peer is, and the keys of both directions.</summary>
public sealed class SecuredConnection : IDisposable
{
    /// <summary>Takes ownership of the cipher states.</summary>
    public SecuredConnection(
        PeerId remotePeer,
        CipherState send,
        CipherState receive,
        bool isInitiator,
        string muxer,
        ReadOnlyMemory<byte> earlyPlaintext = default)
    {
        RemotePeer = remotePeer;
        Send = send;
        Receive = receive;
        IsInitiator = isInitiator;
        Muxer = muxer;
        EarlyPlaintext = earlyPlaintext;
    }

    /// <summary>The peer, proven by the handshake.</summary>
    public PeerId RemotePeer { get; }

    /// <summary>Seals what we send.</summary>
    public CipherState Send { get; }

    /// <summary>Opens what we receive.</summary>
    public CipherState Receive { get; }

    /// <summary>Whether we dialed: the initiator is the muxer's client.</summary>
    public bool IsInitiator { get; }

    /// <summary>The stream multiplexer both agreed on.</summary>
    public string Muxer { get; }

    /// <summary>
    /// The first bytes for the multiplexer, decrypted already: they shared a Noise message with the end of the muxer's
    /// negotiation. Usually empty. Everything behind them is still in the pipe, encrypted.
    /// </summary>
    public ReadOnlyMemory<byte> EarlyPlaintext { get; }

    /// <summary>Wipes the keys.</summary>
    public void Dispose()
    {
        Send.Dispose();
        Receive.Dispose();
    }
}

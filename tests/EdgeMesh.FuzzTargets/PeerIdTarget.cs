using System;
using System.Text;
using EdgeMesh.Addresses;
using EdgeMesh.Libp2p.Identity;

namespace EdgeMesh.FuzzTargets;

/// <summary>Peer ids and keys: what is accepted comes back as it was.</summary>
public static class PeerIdTarget
{
    /// <summary>Reads the bytes as an id in binary and as text, as a public and as a private key.</summary>
    public static void Run(ReadOnlySpan<byte> bytes)
    {
        if (PeerId.TryDecode(bytes, out PeerId? decoded, out _))
        {
            Invariant.Holds(decoded.Bytes.Span.SequenceEqual(bytes), "an id keeps its bytes");
            Invariant.Holds(PeerId.Parse(decoded.ToString()) == decoded, "base58 gives the same id");
            Invariant.Holds(PeerId.Parse(decoded.ToCidString()) == decoded, "the CID gives the same id");
            bool hasKey = PublicKey.TryFromPeerId(decoded, out PublicKey? own);
            Invariant.Holds(!hasKey || own!.PeerId == decoded, "an id is that of the key it holds");
        }

        if (PeerId.TryParse(Encoding.UTF8.GetString(bytes), out PeerId? parsed))
        {
            Invariant.Holds(PeerId.TryDecode(parsed.Bytes.Span, out _, out _), "an id of text is an id in binary");
        }

        if (PublicKey.TryDecode(bytes, out PublicKey? key, out _))
        {
            Invariant.Holds(key.Protobuf.Span.SequenceEqual(bytes), "a key keeps its bytes");
            Invariant.Holds(!key.Verify(bytes, new byte[IdentityLimits.SignatureBytes]), "zeros are no signature");
        }

        if (KeyPair.TryDecode(bytes, out KeyPair? pair, out _))
        {
            pair.Dispose();
        }
    }
}

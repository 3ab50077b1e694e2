namespace EdgeMesh.Libp2p.Identity;

/// <summary>Kinds of identity keys (libp2p peer-ids, "Keys"). Only Ed25519 identifies a node of the mesh.</summary>
public enum KeyType
{
    /// <summary>RSA, a DER SubjectPublicKeyInfo.</summary>
    Rsa = 0,

    /// <summary>Ed25519, 32 bytes.</summary>
    Ed25519 = 1,

    /// <summary>secp256k1, a compressed point.</summary>
    Secp256k1 = 2,

    /// <summary>ECDSA on P-256, a DER SubjectPublicKeyInfo.</summary>
    Ecdsa = 3,
}

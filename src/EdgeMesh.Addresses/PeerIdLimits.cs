namespace EdgeMesh.Addresses;

/// <summary>Sizes of peer ids. Bytes, unless the name says otherwise.</summary>
public static class PeerIdLimits
{
    /// <summary>Longest key that is its own peer id; longer ones are hashed (libp2p peer-ids, "Peer Ids").</summary>
    public const int InlineKeyBytesMax = 42;

    /// <summary>Longest peer id: code, length and an inline key.</summary>
    public const int PeerIdBytesMax = 2 + InlineKeyBytesMax;

    /// <summary>Longest text of a peer id that we look at; base32 of the longest one has 75 characters.</summary>
    public const int PeerIdCharsMax = 128;
}

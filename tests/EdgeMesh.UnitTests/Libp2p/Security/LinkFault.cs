namespace EdgeMesh.UnitTests.Libp2p.Security;

/// <summary>What a link does to the bytes of one direction.</summary>
/// <param name="ChunkBytes">Bytes delivered at a time.</param>
/// <param name="FlipAt">Index of the byte that arrives with one bit turned; -1: none.</param>
/// <param name="CutAt">Bytes that get through before the connection breaks; -1: all.</param>
internal sealed record LinkFault(int ChunkBytes = int.MaxValue, long FlipAt = -1, long CutAt = -1)
{
    public static LinkFault None { get; } = new();
}

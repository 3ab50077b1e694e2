using EdgeMesh.Packets;

namespace EdgeMesh.SimulationTests.Underlay;

/// <summary>What is on its way: bytes, the end of the stream, or a reset.</summary>
/// <param name="Bytes">Empty for an end or a reset.</param>
/// <param name="IsEnd">The far end sends nothing more.</param>
/// <param name="IsReset">The far end threw the connection away.</param>
/// <param name="Arrival">When it arrives.</param>
internal readonly record struct SocketPiece(byte[] Bytes, bool IsEnd, bool IsReset, Instant Arrival);

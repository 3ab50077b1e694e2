using System;
using System.Buffers.Binary;
using static EdgeMesh.Native.Netlink.NetlinkConstants;

namespace EdgeMesh.Native.Netlink;

/// <summary>
/// The number that nftables raises at each change of this network namespace's rules: a cheap way to see whether to look
/// closer.
/// </summary>
public sealed class NftablesGeneration : IDisposable
{
    private const int FamilyHeaderBytes = 4; // struct nfgenmsg: family, version, resource id

    private readonly NetlinkSocket _socket;

    private NftablesGeneration(NetlinkSocket socket) => _socket = socket;

    /// <summary>Opens it in the network namespace of the calling thread.</summary>
    /// <returns>The reader.</returns>
    /// <exception cref="NetlinkException">The kernel has no nfnetlink.</exception>
    public static NftablesGeneration Open() => new(NetlinkSocket.Open(NETLINK_NETFILTER));

    /// <summary>Reads the number.</summary>
    /// <returns>The number; null if the kernel does not tell.</returns>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public uint? Read()
    {
        var request = new NetlinkRequest(NFT_MSG_GETGEN, NLM_F_ACK);
        request.AddHeader(0u); // struct nfgenmsg of AF_UNSPEC
        uint? generation = null;
        _socket.Query(request, "reading nftables' generation", () => generation = null, (type, body) =>
        {
            if (type == NFT_MSG_NEWGEN)
            {
                generation = Parse(body);
            }
        });
        return generation;
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    internal static uint? Parse(ReadOnlySpan<byte> body)
    {
        if (body.Length < FamilyHeaderBytes)
        {
            return null;
        }

        var attributes = new NetlinkAttributes(body[FamilyHeaderBytes..]);
        while (attributes.MoveNext())
        {
            if (attributes.Type == NFTA_GEN_ID && attributes.Value.Length == sizeof(uint))
            {
                return BinaryPrimitives.ReadUInt32BigEndian(attributes.Value);
            }
        }

        return null;
    }
}

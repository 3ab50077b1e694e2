using System.Net;

namespace EdgeMesh.Native.Netlink;

/// <summary>An address of a link.</summary>
/// <param name="LinkIndex">Interface index of the link.</param>
/// <param name="Address">The address itself.</param>
/// <param name="PrefixLength">Length of the network it lies in, bits.</param>
public sealed record AddressInfo(int LinkIndex, IPAddress Address, int PrefixLength);

using System.Globalization;
using EdgeMesh.Lab.Networks;

namespace EdgeMesh.Lab.Alternatives;

/// <summary>The address of a node's end of a tunnel: its number in the underlay, in 192.168.77.0/24.</summary>
internal static class TunnelAddress
{
    public const int PrefixLength = 24;

    public static int NumberOf(LabNode node) => node.Plan.Underlay.GetAddressBytes()[^1];

    public static string Of(LabNode node) =>
        string.Create(CultureInfo.InvariantCulture, $"192.168.77.{NumberOf(node)}");
}

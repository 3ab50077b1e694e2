using System;
using System.Linq;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.ControlPlane.DesiredState;

/// <summary>Addresses that no pod can have (IANA's special-purpose registries, RFC 6890).</summary>
internal static class ReservedPrefixes
{
    private static readonly (IpPrefix Prefix, string Why)[] All =
    [
        .. new (string Text, string Why)[]
        {
            ("127.0.0.0/8", "loopback addresses stay on their node"),
            ("169.254.0.0/16", "link-local addresses stay on their link"),
            ("224.0.0.0/4", "multicast is not carried"),
            ("240.0.0.0/4", "these addresses are reserved"),
            ("0.0.0.0/8", "these addresses mean 'this host'"),
            ("::/127", "loopback and unspecified addresses stay on their node"),
            ("fe80::/10", "link-local addresses stay on their link"),
            ("ff00::/8", "multicast is not carried"),
        }.Select(static entry => (Parse(entry.Text), entry.Why)),
    ];

    /// <summary>Says why pods can't have the addresses of a prefix.</summary>
    /// <param name="prefix">Canonical.</param>
    /// <returns>Null if they can.</returns>
    internal static string? Find(IpPrefix prefix)
    {
        foreach ((IpPrefix reserved, string why) in All)
        {
            if (IpPrefixes.Overlap(reserved, prefix))
            {
                return why;
            }
        }

        return null;
    }

    private static IpPrefix Parse(string text) =>
        IpPrefixes.TryParse(text, out IpPrefix? prefix, out string? error) ? prefix : throw new FormatException(error);
}

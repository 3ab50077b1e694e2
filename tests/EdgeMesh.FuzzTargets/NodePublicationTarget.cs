using System;
using System.Linq;
using System.Text;
using EdgeMesh.Cluster.Publications;
using EdgeMesh.Cluster.Trust;

namespace EdgeMesh.FuzzTargets;

/// <summary>What a node publishes of itself, and the records of trust: any node may write whatever it likes.</summary>
public static class NodePublicationTarget
{
    /// <summary>Reads both, and writes them again.</summary>
    /// <param name="bytes">The text in UTF-8.</param>
    public static void Run(ReadOnlySpan<byte> bytes)
    {
        string text = Encoding.UTF8.GetString(bytes);
        bool isRead = NodePublication.TryParse(text, out NodePublication? publication, out string? problem);
        Invariant.Holds(isRead == (problem is null), "a publication is either read or faulty");
        if (isRead)
        {
            Invariant.Holds(
                NodePublication.TryRead(publication!.ToObject(), out NodePublication? again, out _)
                    && again.Addresses.SequenceEqual(publication.Addresses)
                    && again.Problems.SequenceEqual(publication.Problems)
                    && again.Generation == publication.Generation,
                "a publication is read as it was written");
        }

        isRead = TrustRecord.TryParse(text, out TrustRecord? record, out problem);
        Invariant.Holds(isRead == (problem is null), "a record is either read or faulty");
        Invariant.Holds(
            !isRead || (TrustRecord.TryParse(record!.ToText(), out TrustRecord? same, out _) && same == record),
            "a record is read as it was written");
    }
}

using System;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using EdgeMesh.ControlChannel;

namespace EdgeMesh.Cluster.Trust;

/// <summary>
/// Which key is a node's: the value under the node's name in the ConfigMap <see cref="ClusterNames.TrustOf"/>.
/// </summary>
/// <param name="PeerId">The key that holds; null: none was approved yet.</param>
/// <param name="Pending">Another key, with which the node came, and that waits for the operator; null: none.</param>
public sealed record TrustRecord(string? PeerId, string? Pending)
{
    /// <summary>Reads a record.</summary>
    /// <param name="text">The value under the node's name.</param>
    /// <param name="record">The record.</param>
    /// <param name="problem">What is wrong with it, to follow the name of whose it is.</param>
    /// <returns>False if there is none in it.</returns>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out TrustRecord? record, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        record = null;
        if (!JsonReading.TryRead(
            text, ClusterLimits.TrustRecordBytesMax, TrustJson.Default.TrustRecordText, out TrustRecordText? read,
            out problem))
        {
            return false;
        }

        foreach (string? peer in new[] { read.PeerId, read.Pending })
        {
            if (peer is not null && !Addresses.PeerId.TryParse(peer, out _, out string? reason))
            {
                problem = $"holds '{MeshDocuments.Printable(peer)}', which is no peer id, as {reason}";
                return false;
            }
        }

        record = new TrustRecord(read.PeerId, read.Pending);
        return true;
    }

    /// <summary>Writes what <see cref="TryParse"/> reads.</summary>
    /// <returns>The text.</returns>
    public string ToText() =>
        JsonSerializer.Serialize(new TrustRecordText(PeerId, Pending), TrustJson.Default.TrustRecordText);
}

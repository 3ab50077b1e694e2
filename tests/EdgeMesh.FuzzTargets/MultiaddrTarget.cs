using System;
using System.Text;
using EdgeMesh.Addresses;

namespace EdgeMesh.FuzzTargets;

/// <summary>Addresses of peers: what is accepted, in binary or as text, is canonical in both.</summary>
public static class MultiaddrTarget
{
    /// <summary>Reads the bytes in binary and as text.</summary>
    public static void Run(ReadOnlySpan<byte> bytes)
    {
        if (Multiaddr.TryDecode(bytes, out Multiaddr? decoded, out _))
        {
            Invariant.Holds(decoded.Bytes.Span.SequenceEqual(bytes), "binary is canonical");
            Invariant.Holds(Multiaddr.Parse(decoded.ToString()) == decoded, "text gives the same address");
            decoded.TryGetTcpEndPoint(out _);
            _ = decoded.PeerId;
        }

        if (Multiaddr.TryParse(Encoding.UTF8.GetString(bytes), out Multiaddr? parsed))
        {
            Invariant.Holds(Multiaddr.TryDecode(parsed.Bytes.Span, out decoded, out _), "binary of text is read");
            Invariant.Holds(decoded == parsed, "binary gives the same address");
        }
    }
}

using System;
using EdgeMesh.Libp2p.Multistreams;

namespace EdgeMesh.FuzzTargets;

/// <summary>The negotiation, in both roles: pieces don't matter, output is bounded, nothing is read too far.</summary>
public static class MultistreamTarget
{
    private const int OutputBytesMax = 256;

    /// <summary>The first byte says in what pieces the others arrive.</summary>
    public static void Run(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        int piece = bytes[0] + 1;
        Compare(bytes[1..], piece, static () => MultistreamNegotiator.Responder(static id => id == "/noise"));
        Compare(bytes[1..], piece, static () => MultistreamNegotiator.Initiator(["/a", "/noise"]));
    }

    private static void Compare(ReadOnlySpan<byte> bytes, int piece, Func<MultistreamNegotiator> make)
    {
        MultistreamNegotiator whole = make();
        int taken = whole.HandleBytes(bytes);
        Invariant.Holds(
            taken == bytes.Length || whole.State != MultistreamState.Negotiating, "bytes are left only at the end");
        Invariant.Holds(whole.OutputBytes <= OutputBytesMax, "output is bounded");

        MultistreamNegotiator inPieces = make();
        int at = 0;
        while (at < bytes.Length && inPieces.State == MultistreamState.Negotiating)
        {
            at += inPieces.HandleBytes(bytes.Slice(at, Math.Min(piece, bytes.Length - at)));
        }

        Invariant.Holds(at == taken, "pieces take as many bytes");
        Invariant.Holds(inPieces.State == whole.State, "pieces end in the same state");
        Invariant.Holds(inPieces.Protocol == whole.Protocol, "pieces agree on the same protocol");
        bool isAgreed = whole.State == MultistreamState.Agreed;
        Invariant.Holds((whole.Protocol is not null) == isAgreed, "agreed means a protocol");
    }
}

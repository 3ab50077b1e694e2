using System;
using EdgeMesh.Libp2p.Yamux;

namespace EdgeMesh.FuzzTargets;

/// <summary>A yamux session in both roles: nothing throws, nothing grows without bound, windows hold.</summary>
public static class YamuxSessionTarget
{
    private const int ControlBytes = 1200;

    /// <summary>The first byte says in what pieces the others arrive, and what the owner does with streams.</summary>
    public static void Run(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.IsEmpty)
        {
            Run(bytes[1..], isClient: true, choice: bytes[0]);
            Run(bytes[1..], isClient: false, choice: bytes[0]);
        }
    }

    private static void Run(ReadOnlySpan<byte> bytes, bool isClient, byte choice)
    {
        var session = new YamuxSession(isClient, new YamuxSessionOptions(), now: 1);
        session.TryOpen(0, out _);
        session.TryOpen(YamuxLimits.TunnelWindowBytes, out _);
        session.HandleTimeout(now: 1);
        Span<byte> control = stackalloc byte[ControlBytes];
        int pieceBytes = 1 + (choice % 32);
        long now = 1;
        while (!bytes.IsEmpty)
        {
            ReadOnlySpan<byte> piece = bytes[..Math.Min(pieceBytes, bytes.Length)];
            bytes = bytes[piece.Length..];
            now += 1_000_000;
            YamuxEvent happened;
            do
            {
                happened = session.Read(now, piece, out int consumed);
                Invariant.Holds(consumed <= piece.Length, "not more than there is");
                Invariant.Holds(happened.DataLength <= consumed, "payload is the last part of it");
                piece = piece[consumed..];
                Handle(session, happened, choice, now);
            }
            while (happened.Kind != YamuxEventKind.None);

            Invariant.Holds(piece.IsEmpty, "every byte is taken");
            if ((choice & 0x40) == 0)
            {
                int length = session.PollControl(control, now);
                Invariant.Holds(length % YamuxHeader.SizeBytes == 0, "whole frames");
            }
        }

        Invariant.Holds(session.InboundCount <= YamuxLimits.InboundStreamsMax, "streams are limited");
        foreach (YamuxStream stream in session.Streams)
        {
            Invariant.Holds(!stream.IsClosed, "closed streams are gone");
            Invariant.Holds(
                stream.ReceiveCredit + stream.UnreadBytes <= stream.WindowBytes,
                "the peer never has more than the window");
            Invariant.Holds(stream.SendCredit is >= 0 and <= uint.MaxValue, "credit fits its field");
        }
    }

    private static void Handle(YamuxSession session, in YamuxEvent happened, byte choice, long now)
    {
        YamuxStream? stream = happened.Stream;
        switch (happened.Kind)
        {
            case YamuxEventKind.Opened when (choice & 0x80) != 0 && stream!.Id % 3 == 0:
                session.Reset(stream);
                break;
            case YamuxEventKind.Opened:
                session.Accept(stream!);
                break;
            case YamuxEventKind.Data when (choice & 0x20) != 0:
                session.Consume(stream!, stream!.UnreadBytes, now);
                break;
            case YamuxEventKind.Finished:
                session.FinishWriting(stream!);
                break;
            default:
                break;
        }
    }
}

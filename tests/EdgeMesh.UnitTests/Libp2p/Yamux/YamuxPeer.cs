using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.Libp2p.Yamux;
using Xunit;

namespace EdgeMesh.UnitTests.Libp2p.Yamux;

/// <summary>A session under test, and frames made by hand for it.</summary>
internal sealed class YamuxPeer
{
    public YamuxPeer(bool isClient, YamuxSessionOptions? options = null)
    {
        // Pings only where a test is about them.
        Session = new YamuxSession(
            isClient, options ?? new YamuxSessionOptions { KeepAliveInterval = TimeSpan.Zero }, now: 1);
    }

    public YamuxSession Session { get; }

    public long Now { get; set; } = 1;

    public static byte[] Frame(
        YamuxFrameType type, YamuxFlags flags, uint streamId, uint length, int payloadBytes = 0)
    {
        byte[] bytes = new byte[YamuxHeader.SizeBytes + payloadBytes];
        new YamuxHeader(type, flags, streamId, length).Write(bytes);
        for (int i = YamuxHeader.SizeBytes; i < bytes.Length; i++)
        {
            bytes[i] = unchecked((byte)i);
        }

        return bytes;
    }

    public static byte[] Data(uint streamId, int payloadBytes, YamuxFlags flags = YamuxFlags.None) =>
        Frame(YamuxFrameType.Data, flags, streamId, (uint)payloadBytes, payloadBytes);

    public static byte[] Update(uint streamId, uint credit, YamuxFlags flags = YamuxFlags.None) =>
        Frame(YamuxFrameType.WindowUpdate, flags, streamId, credit);

    /// <summary>Takes the bytes and gives what happened.</summary>
    public List<YamuxEvent> Read(params byte[][] frames)
    {
        var events = new List<YamuxEvent>();
        ReadOnlySpan<byte> bytes = frames.SelectMany(frame => frame).ToArray();
        while (true)
        {
            YamuxEvent happened = Session.Read(Now, bytes, out int consumed);
            bytes = bytes[consumed..];
            if (happened.Kind == YamuxEventKind.None)
            {
                Assert.True(bytes.IsEmpty);
                return events;
            }

            events.Add(happened);
        }
    }

    public List<YamuxEventKind> Kinds(params byte[][] frames) => [.. Read(frames).Select(happened => happened.Kind)];

    /// <summary>A stream that the peer opens and we accept.</summary>
    public YamuxStream Accept(uint streamId)
    {
        YamuxStream stream = Read(Update(streamId, 0, YamuxFlags.Syn)).Single().Stream!;
        Session.Accept(stream);
        Sent();
        return stream;
    }

    /// <summary>All frames without payload that wait.</summary>
    public List<YamuxHeader> Sent()
    {
        var headers = new List<YamuxHeader>();
        Span<byte> buffer = new byte[64 * 1024];
        int length;
        while ((length = Session.PollControl(buffer, Now)) > 0)
        {
            for (int i = 0; i < length; i += YamuxHeader.SizeBytes)
            {
                Assert.Equal(YamuxViolation.None, YamuxHeader.Parse(buffer[i..], out YamuxHeader header));
                headers.Add(header);
            }
        }

        return headers;
    }
}

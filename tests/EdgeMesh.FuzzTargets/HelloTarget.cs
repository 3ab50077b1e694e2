using System;
using EdgeMesh.Forwarding.Capsules;

namespace EdgeMesh.FuzzTargets;

/// <summary>The first message of a tunnel stream.</summary>
public static class HelloTarget
{
    /// <summary>Reads a message, and a stream that begins with one.</summary>
    /// <param name="bytes">The bytes.</param>
    public static void Run(ReadOnlySpan<byte> bytes)
    {
        if (Hello.TryParse(bytes, out Hello? hello))
        {
            CheckRoundTrip(hello);
        }

        var reader = new HelloReader();
        Span<byte> data = bytes.ToArray();
        switch (reader.Read(ref data))
        {
            case HelloStatus.Complete:
                Invariant.Holds(reader.Hello is not null, "a complete Hello is there");
                CheckRoundTrip(reader.Hello!);
                break;
            case HelloStatus.NeedMore:
                Invariant.Holds(data.IsEmpty, "all bytes are used");
                Invariant.Holds(bytes.Length < Hello.BytesMax, "a Hello ends");
                break;
            default:
                break;
        }
    }

    private static void CheckRoundTrip(Hello hello)
    {
        Span<byte> written = new byte[Hello.BytesMax];
        written = written[..hello.Write(written)];
        var reader = new HelloReader();
        Invariant.Holds(reader.Read(ref written) == HelloStatus.Complete, "what we write we read");
        Invariant.Holds(hello == reader.Hello, "it is the same");
    }
}

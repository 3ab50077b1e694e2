using System;

namespace EdgeMesh.Forwarding.Capsules;

/// <summary>Takes the Hello off the front of a tunnel stream, however its bytes are split.</summary>
public sealed class HelloReader
{
    private readonly byte[] _bytes = new byte[Hello.BytesMax];
    private int _count;

    /// <summary>The peer's Hello, once <see cref="HelloStatus.Complete"/> was returned.</summary>
    public Hello? Hello { get; private set; }

    /// <summary>Reads on.</summary>
    /// <param name="data">What is not read yet; after the Hello the capsules begin.</param>
    public HelloStatus Read(ref Span<byte> data)
    {
        // Byte by byte up to the length, then the rest at once: nothing after the Hello is taken.
        while (true)
        {
            int prefix = ProtobufReader.ReadVarint(_bytes.AsSpan(0, _count), out ulong length);
            bool isEndless = prefix < 0 || (prefix == 0 && _count == Capsules.Hello.LengthBytesMax);
            if (isEndless || length > Capsules.Hello.MessageBytesMax)
            {
                return HelloStatus.Malformed;
            }

            int wanted = prefix == 0 ? _count + 1 : prefix + (int)length;
            int taken = Math.Min(wanted - _count, data.Length);
            data[..taken].CopyTo(_bytes.AsSpan(_count));
            data = data[taken..];
            _count += taken;
            if (_count < wanted)
            {
                return HelloStatus.NeedMore;
            }

            if (prefix > 0)
            {
                if (!Capsules.Hello.TryParse(_bytes.AsSpan(prefix, (int)length), out Hello? hello))
                {
                    return HelloStatus.Malformed;
                }

                Hello = hello;
                return HelloStatus.Complete;
            }
        }
    }
}

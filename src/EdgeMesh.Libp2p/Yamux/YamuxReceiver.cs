using System;
using System.Diagnostics;

namespace EdgeMesh.Libp2p.Yamux;

/// <summary>Where in the peer's bytes we are: collecting a header, or working through the frame behind it.</summary>
/// <remarks>
/// A frame can mean several things (open, credit, payload, end); they are reported in the order of
/// <see cref="YamuxEventKind"/>, so expecting one is setting its bit.
/// </remarks>
internal sealed class YamuxReceiver
{
    private readonly byte[] _header = new byte[YamuxHeader.SizeBytes];
    private int _headerLength;
    private uint _expected;
    private YamuxStream? _stream;
    private long _payloadLength;
    private bool _isDraining;

    /// <summary>Payload thrown away because its stream was gone.</summary>
    public long DrainedBytes { get; private set; }

    public void Expect(YamuxEventKind kind, YamuxStream? stream)
    {
        _stream = stream;
        _expected |= 1u << (int)kind;
    }

    /// <summary>The payload follows; null throws it away.</summary>
    public void ExpectPayload(YamuxStream? stream, long length)
    {
        Debug.Assert(_payloadLength == 0);
        _payloadLength = length;
        _isDraining = stream is null;
        if (stream is not null)
        {
            Expect(YamuxEventKind.Data, stream);
        }
    }

    /// <summary>Takes the next thing that the current frame means.</summary>
    /// <returns>False if the frame is done, or its payload goes on beyond the bytes.</returns>
    public bool TryTakeEvent(ReadOnlySpan<byte> bytes, ref int consumed, out YamuxEvent happened)
    {
        // Whoever was told of the stream may have reset it meanwhile: the rest of the frame has no receiver.
        if (_stream is { IsClosed: true } && _expected != 1u << (int)YamuxEventKind.Broken)
        {
            _expected = 0;
            _stream = null;
            _isDraining = true;
        }

        if (_expected != 0)
        {
            return TryTakeExpected(bytes, ref consumed, out happened);
        }

        happened = default;
        if (_isDraining && _payloadLength > 0)
        {
            int length = (int)Math.Min(_payloadLength, bytes.Length - consumed);
            consumed += length;
            _payloadLength -= length;
            DrainedBytes += length;
        }

        return false;
    }

    /// <summary>Takes a header, once all of it is here.</summary>
    /// <returns>False if more bytes are needed.</returns>
    public bool TryTakeHeader(
        ReadOnlySpan<byte> bytes, ref int consumed, out YamuxHeader header, out YamuxViolation violation)
    {
        header = default;
        violation = YamuxViolation.None;
        if (_expected != 0 || _payloadLength > 0)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = bytes[consumed..];
        if (_headerLength == 0 && rest.Length >= YamuxHeader.SizeBytes)
        {
            consumed += YamuxHeader.SizeBytes;
            violation = YamuxHeader.Parse(rest, out header);
            return true;
        }

        int length = Math.Min(YamuxHeader.SizeBytes - _headerLength, rest.Length);
        rest[..length].CopyTo(_header.AsSpan(_headerLength));
        _headerLength += length;
        consumed += length;
        if (_headerLength < YamuxHeader.SizeBytes)
        {
            return false;
        }

        _headerLength = 0;
        violation = YamuxHeader.Parse(_header, out header);
        return true;
    }

    private bool TryTakeExpected(ReadOnlySpan<byte> bytes, ref int consumed, out YamuxEvent happened)
    {
        var kind = (YamuxEventKind)System.Numerics.BitOperations.TrailingZeroCount(_expected);
        YamuxStream? stream = _stream;
        if (kind != YamuxEventKind.Data)
        {
            Forget(kind);
            happened = new YamuxEvent(kind, stream);
            return true;
        }

        int length = (int)Math.Min(_payloadLength, bytes.Length - consumed);
        if (length == 0)
        {
            happened = default;
            return false;
        }

        consumed += length;
        _payloadLength -= length;
        if (_payloadLength == 0)
        {
            Forget(kind);
        }

        happened = new YamuxEvent(kind, stream, length);
        return true;
    }

    private void Forget(YamuxEventKind kind)
    {
        _expected &= ~(1u << (int)kind);
        if (_expected == 0)
        {
            _stream = null;
        }
    }
}

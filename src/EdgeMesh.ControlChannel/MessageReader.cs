using System;
using System.Diagnostics;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Google.Protobuf;

namespace EdgeMesh.ControlChannel;

/// <summary>Cuts a byte stream into messages, each after its length as a protobuf varint.</summary>
/// <remarks>
/// <code>
///  +--------------------+-----------------+
///  | varint, 1-4 bytes  |  protobuf bytes |  length counts the protobuf bytes only, at most MessageBytesMax
///  +--------------------+-----------------+
/// </code>
/// The buffer is at most twice as large as the bytes that have arrived, whatever length was claimed. A canceled read
/// loses nothing. One caller at a time.
/// </remarks>
/// <typeparam name="T">The messages' type.</typeparam>
internal sealed class MessageReader<T>
    where T : class, IMessage<T>
{
    private readonly Stream _stream;
    private readonly MessageParser<T> _parser;
    private byte[] _buffer = new byte[ControlLimits.ReceiveBytesInitial];
    private int _start;
    private int _end;

    internal MessageReader(Stream stream, MessageParser<T> parser)
    {
        _stream = stream;
        _parser = parser;
    }

    /// <summary>Bytes held in the buffer now, used or not.</summary>
    internal int BufferBytes => _buffer.Length;

    /// <summary>Does the buffer hold bytes of a message that hasn't arrived whole?</summary>
    internal bool HasPartialMessage => _end > _start;

    /// <summary>Waits for the first byte of the next message.</summary>
    /// <returns>False if the stream ended between messages.</returns>
    internal async ValueTask<bool> WaitAsync(CancellationToken cancel) =>
        _end > _start || await FillAsync(cancel);

    /// <summary>Reads one message.</summary>
    /// <returns>The message, or null if the stream ended between messages.</returns>
    /// <exception cref="ControlChannelException">The bytes are no message, too long, or end within one.</exception>
    internal async ValueTask<T?> ReadAsync(CancellationToken cancel)
    {
        while (true)
        {
            if (TryTake(out T? message))
            {
                return message;
            }

            if (!await FillAsync(cancel))
            {
                return _end == _start
                    ? null
                    : throw new ControlChannelException(ControlFault.Closed, "the connection ended within a message");
            }
        }
    }

    private bool TryTake(out T? message)
    {
        message = null;
        ReadOnlySpan<byte> bytes = _buffer.AsSpan(_start, _end - _start);
        if (!TryReadLength(bytes, out int length, out int lengthBytes))
        {
            return false;
        }

        if (bytes.Length - lengthBytes < length)
        {
            return false;
        }

        try
        {
            message = _parser.ParseFrom(bytes.Slice(lengthBytes, length));
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new ControlChannelException(
                ControlFault.Malformed, $"bytes that are no {typeof(T).Name} message: {e.Message}", e);
        }

        _start += lengthBytes + length;
        if (_start == _end)
        {
            _start = 0;
            _end = 0;
            if (_buffer.Length > ControlLimits.ReceiveBytesInitial)
            {
                _buffer = new byte[ControlLimits.ReceiveBytesInitial];
            }
        }

        return true;
    }

    private static bool TryReadLength(ReadOnlySpan<byte> bytes, out int length, out int lengthBytes)
    {
        length = 0;
        for (lengthBytes = 0; lengthBytes < ControlLimits.LengthBytesMax; lengthBytes++)
        {
            if (lengthBytes == bytes.Length)
            {
                return false;
            }

            byte next = bytes[lengthBytes];
            length |= (next & 0x7f) << (7 * lengthBytes);
            if ((next & 0x80) == 0)
            {
                lengthBytes++;
                return length <= ControlLimits.MessageBytesMax
                    ? true
                    : throw new ControlChannelException(
                        ControlFault.Malformed,
                        $"a message of {length} bytes; the limit is {ControlLimits.MessageBytesMax}");
            }
        }

        throw new ControlChannelException(
            ControlFault.Malformed, $"a length of more than {ControlLimits.LengthBytesMax} bytes: this is no control "
                + "channel");
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancel)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            Debug.Assert(_end <= ControlLimits.MessageBytesMax + ControlLimits.LengthBytesMax);
            Array.Resize(
                ref _buffer, Math.Min(_buffer.Length * 2,
                    ControlLimits.MessageBytesMax + ControlLimits.LengthBytesMax));
        }

        int read = await _stream.ReadAsync(_buffer.AsMemory(_end), cancel);
        _end += read;
        return read > 0;
    }
}

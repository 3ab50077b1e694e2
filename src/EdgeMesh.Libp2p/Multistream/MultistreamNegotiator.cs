using System;
using System.Collections.Generic;
using System.Text;
using EdgeMesh.Addresses;

namespace EdgeMesh.Libp2p.Multistreams;

/// <summary>One side of a multistream-select 1.0 negotiation: bytes in, bytes out.</summary>
/// <remarks><code>
///   length (varint) | text | 0A         length counts the newline
///   both            /multistream/1.0.0
///   initiator       a protocol id       until the responder agrees
///   responder       the same id, or na
/// </code>
/// Never takes a byte behind the message that settles the matter: what follows belongs to the protocol.
/// Not safe for two threads at once.
/// </remarks>
public sealed class MultistreamNegotiator
{
    /// <summary>The first message of each side.</summary>
    public const string Header = "/multistream/1.0.0";

    private const byte NewLine = (byte)'\n';

    private readonly IReadOnlyList<string> _protocols; // initiator's proposals, best first
    private readonly Func<string, bool>? _isSupported; // set on the responder
    private readonly byte[] _message = new byte[MultistreamLimits.LengthBytesMax + MultistreamLimits.MessageBytesMax];
    private readonly List<byte> _output = [];
    private int _messageBytes; // bytes of the incomplete message in _message
    private int _proposals;
    private bool _hasHeader;

    private MultistreamNegotiator(IReadOnlyList<string> protocols, Func<string, bool>? isSupported)
    {
        _protocols = protocols;
        _isSupported = isSupported;
        Put(Header);
    }

    /// <summary>Where the negotiation stands.</summary>
    public MultistreamState State { get; private set; }

    /// <summary>The agreed protocol, once <see cref="State"/> says so.</summary>
    public string? Protocol { get; private set; }

    /// <summary>Bytes that wait for <see cref="TryPollTransmit"/>.</summary>
    public int OutputBytes => _output.Count;

    private static ReadOnlySpan<byte> HeaderBytes => "/multistream/1.0.0"u8;

    private static ReadOnlySpan<byte> NotAvailable => "na"u8;

    /// <summary>The side that proposes. Header and first proposal leave together.</summary>
    /// <param name="protocols">Best first, at least one.</param>
    public static MultistreamNegotiator Initiator(IReadOnlyList<string> protocols)
    {
        ArgumentOutOfRangeException.ThrowIfZero(protocols.Count, nameof(protocols));
        foreach (string protocol in protocols)
        {
            ArgumentException.ThrowIfNullOrEmpty(protocol, nameof(protocols));
            int bytes = Encoding.UTF8.GetByteCount(protocol);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(
                bytes, MultistreamLimits.ProtocolBytesMax, nameof(protocols));
        }

        var negotiator = new MultistreamNegotiator(protocols, isSupported: null);
        negotiator.Put(protocols[0]);
        return negotiator;
    }

    /// <summary>The side that agrees or answers <c>na</c>.</summary>
    /// <param name="isSupported">Says of a protocol id whether we have it.</param>
    public static MultistreamNegotiator Responder(Func<string, bool> isSupported) => new([], isSupported);

    /// <summary>Takes bytes of the peer.</summary>
    /// <param name="bytes">What came in, in any pieces.</param>
    /// <returns>Bytes taken: all of them while negotiating; behind the message that ends it, none.</returns>
    public int HandleBytes(ReadOnlySpan<byte> bytes)
    {
        int taken = 0;
        while (taken < bytes.Length && State == MultistreamState.Negotiating)
        {
            _message[_messageBytes++] = bytes[taken++];
            ReadOnlySpan<byte> message = _message.AsSpan(0, _messageBytes);
            VarintResult result = UnsignedVarint.TryRead(message, out ulong length, out int lengthBytes);
            if (result == VarintResult.Incomplete && _messageBytes < MultistreamLimits.LengthBytesMax)
            {
                continue;
            }

            if (result != VarintResult.Good || length is 0 or > MultistreamLimits.MessageBytesMax)
            {
                State = MultistreamState.Malformed;
                break;
            }

            int missing = lengthBytes + (int)length - _messageBytes;
            int piece = Math.Min(missing, bytes.Length - taken);
            bytes.Slice(taken, piece).CopyTo(_message.AsSpan(_messageBytes));
            _messageBytes += piece;
            taken += piece;
            if (piece == missing)
            {
                ReadOnlySpan<byte> text = _message.AsSpan(lengthBytes, (int)length);
                _messageBytes = 0;
                HandleMessage(text);
            }
        }

        return taken;
    }

    /// <summary>The peer closed its side. A responder that said no takes it for "then I have none".</summary>
    public void HandleEnd()
    {
        if (State == MultistreamState.Negotiating)
        {
            bool wasRefused = _isSupported is not null && _proposals > 0;
            State = wasRefused ? MultistreamState.NoCommonProtocol : MultistreamState.Closed;
        }
    }

    /// <summary>Gives out the bytes for the peer, as many as fit; after the end, the last answer.</summary>
    /// <returns>False if there is nothing to send.</returns>
    public bool TryPollTransmit(Span<byte> buffer, out int length)
    {
        length = Math.Min(buffer.Length, _output.Count);
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_output)[..length].CopyTo(buffer);
        _output.RemoveRange(0, length);
        return length > 0;
    }

    private void HandleMessage(ReadOnlySpan<byte> message)
    {
        if (message[^1] != NewLine)
        {
            State = MultistreamState.Malformed;
            return;
        }

        ReadOnlySpan<byte> text = message[..^1];
        if (!_hasHeader)
        {
            _hasHeader = text.SequenceEqual(HeaderBytes);
            State = _hasHeader ? MultistreamState.Negotiating : MultistreamState.Malformed;
        }
        else if (_isSupported is not null)
        {
            HandleProposal(text);
        }
        else
        {
            HandleAnswer(text);
        }
    }

    private void HandleProposal(ReadOnlySpan<byte> text)
    {
        // Ill-formed UTF-8 becomes U+FFFD, which no protocol id has: answered by na like every unknown id.
        string protocol = Encoding.UTF8.GetString(text);
        if (_isSupported!(protocol))
        {
            Put(protocol);
            Protocol = protocol;
            State = MultistreamState.Agreed;
            return;
        }

        Put(NotAvailable);
        if (++_proposals == MultistreamLimits.ProposalsMax)
        {
            State = MultistreamState.NoCommonProtocol;
        }
    }

    private void HandleAnswer(ReadOnlySpan<byte> text)
    {
        string proposed = _protocols[_proposals];
        if (text.SequenceEqual(Encoding.UTF8.GetBytes(proposed)))
        {
            Protocol = proposed;
            State = MultistreamState.Agreed;
        }
        else if (!text.SequenceEqual(NotAvailable))
        {
            State = MultistreamState.Malformed;
        }
        else if (++_proposals == _protocols.Count)
        {
            State = MultistreamState.NoCommonProtocol;
        }
        else
        {
            Put(_protocols[_proposals]);
        }
    }

    private void Put(string text) => Put(Encoding.UTF8.GetBytes(text));

    private void Put(ReadOnlySpan<byte> text)
    {
        Span<byte> length = stackalloc byte[MultistreamLimits.LengthBytesMax];
        int lengthBytes = UnsignedVarint.Write(length, (ulong)text.Length + 1);
        _output.AddRange(length[..lengthBytes]);
        _output.AddRange(text);
        _output.Add(NewLine);
    }
}

using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text;

namespace EdgeMesh.Addresses;

/// <summary>A self-describing address (libp2p addressing; multiformats/multiaddr). Immutable and canonical.</summary>
/// <remarks><code>
///   text     /ip4/127.0.0.1/tcp/20006
///   binary   code (varint), value; the value has a fixed size or stands after its length (varint)
/// </code></remarks>
public sealed class Multiaddr : IEquatable<Multiaddr>
{
    private readonly byte[] _bytes;
    private readonly MultiaddrComponent[] _components;

    internal Multiaddr(byte[] bytes, MultiaddrComponent[] components)
    {
        _bytes = bytes;
        _components = components;
    }

    /// <summary>The binary form.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>The parts, at least one.</summary>
    public IReadOnlyList<MultiaddrComponent> Components => _components;

    /// <summary>The peer that the address ends with; null if it names none.</summary>
    public PeerId? PeerId =>
        _components[^1].Protocol.Kind == MultiaddrValueKind.PeerId ? PeerId.Parse(_components[^1].Value) : null;

    /// <summary>Whether the address leads through a relay.</summary>
    public bool IsRelayed => Array.Exists(_components, static part => part.Protocol.Name == "p2p-circuit");

    /// <summary>Whether two addresses are the same.</summary>
    public static bool operator ==(Multiaddr? left, Multiaddr? right) => left?.Equals(right) ?? right is null;

    /// <summary>Whether two addresses differ.</summary>
    public static bool operator !=(Multiaddr? left, Multiaddr? right) => !(left == right);

    /// <summary>Reads an address as text.</summary>
    /// <exception cref="FormatException">The text is no address; the message says why.</exception>
    public static Multiaddr Parse(string text) =>
        TryParse(text, out Multiaddr? address, out string? reason)
            ? address
            : throw new FormatException($"'{text}' is no multiaddr: {reason}.");

    /// <summary>Reads an address as text.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out Multiaddr? address) =>
        TryParse(text, out address, out _);

    /// <summary>Reads an address as text.</summary>
    /// <param name="text">Parts, each after a slash.</param>
    /// <param name="address">The address.</param>
    /// <param name="reason">What is wrong with the text.</param>
    public static bool TryParse(
        string? text,
        [NotNullWhen(true)] out Multiaddr? address,
        [NotNullWhen(false)] out string? reason)
    {
        address = null;
        if (text is null || text.Length is 0 or > MultiaddrLimits.CharsMax || text[0] != '/')
        {
            reason = "it doesn't begin with a slash, or is too long";
            return false;
        }

        var builder = new MultiaddrBuilder();
        for (int at = 0; at < text.Length;)
        {
            // text[at] is the slash before a protocol's name.
            ReadOnlySpan<char> name = Part(text, at + 1);
            MultiaddrProtocol? protocol = MultiaddrProtocol.Find(name);
            if (protocol is null)
            {
                reason = $"'{name}' is no protocol that we know";
                return false;
            }

            at += 1 + name.Length;
            string given = TakeValue(text, protocol.Kind, ref at);
            byte[]? value = MultiaddrValue.Encode(protocol.Kind, given);
            if (value is null)
            {
                reason = given.Length == 0
                    ? $"/{protocol.Name} has no value"
                    : $"'{given}' is no {MultiaddrValue.NameOf(protocol.Kind)}";
                return false;
            }

            if (!builder.TryAdd(protocol, value, out reason))
            {
                return false;
            }
        }

        return builder.TryBuild(out address, out reason);
    }

    /// <summary>Reads an address in binary.</summary>
    /// <param name="bytes">The whole of it and nothing else.</param>
    /// <param name="address">The address.</param>
    /// <param name="reason">What is wrong with it.</param>
    public static bool TryDecode(
        ReadOnlySpan<byte> bytes,
        [NotNullWhen(true)] out Multiaddr? address,
        [NotNullWhen(false)] out string? reason)
    {
        address = null;
        var builder = new MultiaddrBuilder();
        while (!bytes.IsEmpty)
        {
            if (UnsignedVarint.TryRead(bytes, out ulong code, out int codeBytes) != VarintResult.Good
                || MultiaddrProtocol.Find(code) is not MultiaddrProtocol protocol)
            {
                reason = "a code is malformed or unknown";
                return false;
            }

            bytes = bytes[codeBytes..];
            ulong length = (ulong)Math.Max(protocol.ValueBytes, 0);
            if (protocol.ValueBytes < 0)
            {
                if (UnsignedVarint.TryRead(bytes, out length, out int lengthBytes) != VarintResult.Good)
                {
                    reason = $"the length of {protocol.Name} is malformed";
                    return false;
                }

                bytes = bytes[lengthBytes..];
            }

            if (length > (ulong)bytes.Length)
            {
                reason = $"it ends within the value of {protocol.Name}";
                return false;
            }

            if (!builder.TryAdd(protocol, bytes[..(int)length], out reason))
            {
                return false;
            }

            bytes = bytes[(int)length..];
        }

        return builder.TryBuild(out address, out reason);
    }

    /// <summary>The address of a TCP endpoint. An IPv4 address that was mapped into IPv6 becomes IPv4 again.</summary>
    public static Multiaddr FromTcp(IPEndPoint endPoint)
    {
        IPAddress host = endPoint.Address.IsIPv4MappedToIPv6 ? endPoint.Address.MapToIPv4() : endPoint.Address;
        byte[] bytes = host.GetAddressBytes();
        var plain = new IPAddress(bytes);
        string zone = bytes.Length == 16 && host.ScopeId != 0 ? $"/ip6zone/{host.ScopeId}" : string.Empty;
        return Parse($"{zone}/{(bytes.Length == 4 ? "ip4" : "ip6")}/{plain}/tcp/{endPoint.Port}");
    }

    /// <summary>The same address with the peer's id at its end.</summary>
    /// <exception cref="FormatException">It would be too long.</exception>
    public Multiaddr WithPeer(PeerId peer) => PeerId == peer ? this : Parse($"{this}/p2p/{peer}");

    /// <summary>Reads the address of a plain TCP endpoint: a host, a port, and at most a peer id after them.</summary>
    /// <returns>False for every other transport (WebSocket, QUIC, a relay, a path).</returns>
    public bool TryGetTcp([NotNullWhen(true)] out TcpTarget? target)
    {
        target = null;
        ReadOnlySpan<MultiaddrComponent> rest = _components;
        string? zone = rest[0].Protocol.Kind == MultiaddrValueKind.Zone ? rest[0].Value : null;
        rest = rest[(zone is null ? 0 : 1)..];
        bool isTcp = rest.Length == 2 || (rest.Length == 3 && rest[2].Protocol.Kind == MultiaddrValueKind.PeerId);
        if (!isTcp || rest[1].Protocol.Name != "tcp")
        {
            return false;
        }

        string host = rest[0].Value;
        int port = int.Parse(rest[1].Value);
        target = rest[0].Protocol.Name switch
        {
            "ip4" => new TcpTarget(host, IPAddress.Parse(host), NameFamily.V4, port, Zone: null),
            "ip6" => new TcpTarget(host, ParseIp6(host, zone), NameFamily.V6, port, zone),
            "dns" => new TcpTarget(host, Address: null, NameFamily.Any, port, Zone: null),
            "dns4" => new TcpTarget(host, Address: null, NameFamily.V4, port, Zone: null),
            "dns6" => new TcpTarget(host, Address: null, NameFamily.V6, port, Zone: null),
            _ => null,
        };
        return target is not null;
    }

    /// <summary>Reads the address of a plain TCP endpoint that needs no name resolved, not even a zone's.</summary>
    public bool TryGetTcpEndPoint([NotNullWhen(true)] out IPEndPoint? endPoint)
    {
        bool isEndPoint = TryGetTcp(out TcpTarget? target)
            && target.Address is not null
            && (target.Zone is null || target.Address.ScopeId != 0);
        endPoint = isEndPoint ? new IPEndPoint(target!.Address!, target.Port) : null;
        return isEndPoint;
    }

    /// <inheritdoc/>
    public bool Equals(Multiaddr? other) => other is not null && _bytes.AsSpan().SequenceEqual(other._bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Multiaddr);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(_bytes);
        return hash.ToHashCode();
    }

    /// <summary>The address as text.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (MultiaddrComponent part in _components)
        {
            text.Append('/').Append(part.Protocol.Name);
            if (part.Protocol.Kind is not (MultiaddrValueKind.None or MultiaddrValueKind.Path))
            {
                text.Append('/');
            }

            text.Append(part.Value);
        }

        return text.ToString();
    }

    private static IPAddress ParseIp6(string host, string? zone)
    {
        var address = IPAddress.Parse(host);
        if (uint.TryParse(zone, out uint index))
        {
            address.ScopeId = index;
        }

        return address;
    }

    // From text[at] up to the next slash.
    private static ReadOnlySpan<char> Part(string text, int at)
    {
        ReadOnlySpan<char> rest = text.AsSpan(at);
        int end = rest.IndexOf('/');
        return end < 0 ? rest : rest[..end];
    }

    // text[at] is the slash before the value, if there is one; moves past the value.
    private static string TakeValue(string text, MultiaddrValueKind kind, ref int at)
    {
        if (kind == MultiaddrValueKind.None || at == text.Length)
        {
            return string.Empty;
        }

        string value = kind == MultiaddrValueKind.Path ? text[at..] : Part(text, at + 1).ToString();
        at += kind == MultiaddrValueKind.Path ? value.Length : value.Length + 1;
        return value;
    }
}

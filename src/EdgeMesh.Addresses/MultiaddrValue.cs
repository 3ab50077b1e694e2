using System;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Text;

namespace EdgeMesh.Addresses;

/// <summary>Values of address parts, as text and as bytes. Every accepted value has exactly one of each.</summary>
internal static class MultiaddrValue
{
    private const char MultibaseBase64Url = 'u';

    /// <summary>Turns text into bytes, without the length before them.</summary>
    /// <returns>Null if the text isn't of this kind.</returns>
    public static byte[]? Encode(MultiaddrValueKind kind, string text) => kind switch
    {
        MultiaddrValueKind.None => [],
        MultiaddrValueKind.Ip4 => EncodeIp4(text),
        MultiaddrValueKind.Ip6 => EncodeIp6(text),
        MultiaddrValueKind.Port => EncodePort(text),
        MultiaddrValueKind.PeerId => PeerId.TryParse(text, out PeerId? id) ? id.Bytes.ToArray() : null,
        MultiaddrValueKind.CertificateHash => EncodeCertificateHash(text),
        _ => IsText(kind, Encoding.UTF8.GetBytes(text)) ? Encoding.UTF8.GetBytes(text) : null,
    };

    /// <summary>Turns bytes, without the length before them, into canonical text.</summary>
    /// <returns>False if the bytes aren't of this kind.</returns>
    public static bool TryFormat(
        MultiaddrValueKind kind, ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out string? text)
    {
        text = kind switch
        {
            MultiaddrValueKind.None => string.Empty,
            MultiaddrValueKind.Ip4 or MultiaddrValueKind.Ip6 => new IPAddress(bytes).ToString(),
            MultiaddrValueKind.Port => BinaryPrimitives.ReadUInt16BigEndian(bytes).ToString(),
            MultiaddrValueKind.PeerId => PeerId.TryDecode(bytes, out PeerId? id, out _) ? id.ToString() : null,
            MultiaddrValueKind.CertificateHash => IsMultihash(bytes)
                ? MultibaseBase64Url + Base64Url.EncodeToString(bytes)
                : null,
            _ => IsText(kind, bytes) ? Encoding.UTF8.GetString(bytes) : null,
        };
        return text is not null;
    }

    /// <summary>What a value of this kind is called in a sentence.</summary>
    public static string NameOf(MultiaddrValueKind kind) => kind switch
    {
        MultiaddrValueKind.Ip4 => "IPv4 address",
        MultiaddrValueKind.Ip6 => "IPv6 address",
        MultiaddrValueKind.Port => "port number",
        MultiaddrValueKind.Name => "DNS name",
        MultiaddrValueKind.Zone => "name of a link",
        MultiaddrValueKind.PeerId => "peer id",
        MultiaddrValueKind.CertificateHash => "certificate hash",
        MultiaddrValueKind.Path => "path",
        _ => "value",
    };

    private static byte[]? EncodeIp4(string text)
    {
        // IPAddress also takes "1.2" and "0x7f.1": only the canonical spelling is an address here.
        bool isAddress = IPAddress.TryParse(text, out IPAddress? address) && address.ToString() == text;
        byte[]? bytes = isAddress ? address!.GetAddressBytes() : null;
        return bytes?.Length == 4 ? bytes : null;
    }

    private static byte[]? EncodeIp6(string text)
    {
        // IPAddress also takes "[::1]:80" and "fe80::1%eth0".
        bool isPlain = text.Contains(':', StringComparison.Ordinal) && text.AsSpan().IndexOfAny("[]%/") < 0;
        bool isAddress = IPAddress.TryParse(text, out IPAddress? address);
        byte[]? bytes = isPlain && isAddress ? address!.GetAddressBytes() : null;
        return bytes?.Length == 16 ? bytes : null;
    }

    private static byte[]? EncodePort(string text)
    {
        if (!ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)
            || port.ToString(CultureInfo.InvariantCulture) != text)
        {
            return null;
        }

        byte[] bytes = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, port);
        return bytes;
    }

    private static byte[]? EncodeCertificateHash(string text)
    {
        if (!text.StartsWith(MultibaseBase64Url) || !Base64Url.IsValid(text.AsSpan(1)))
        {
            return null;
        }

        byte[] bytes = Base64Url.DecodeFromChars(text.AsSpan(1));
        return IsMultihash(bytes) && Base64Url.EncodeToString(bytes) == text[1..] ? bytes : null;
    }

    private static bool IsMultihash(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MultiaddrLimits.CertificateHashBytesMax
            || UnsignedVarint.TryRead(bytes, out _, out int codeBytes) != VarintResult.Good)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = bytes[codeBytes..];
        return UnsignedVarint.TryRead(rest, out ulong length, out int lengthBytes) == VarintResult.Good
            && length > 0
            && length == (ulong)(rest.Length - lengthBytes);
    }

    private static bool IsText(MultiaddrValueKind kind, ReadOnlySpan<byte> bytes)
    {
        bool isPath = kind == MultiaddrValueKind.Path;
        int bytesMax = kind switch
        {
            MultiaddrValueKind.Zone => MultiaddrLimits.ZoneBytesMax,
            MultiaddrValueKind.Path => MultiaddrLimits.PathBytesMax,
            _ => MultiaddrLimits.NameBytesMax,
        };
        if (bytes.IsEmpty || bytes.Length > bytesMax || isPath != (bytes[0] == '/'))
        {
            return false;
        }

        foreach (byte current in bytes)
        {
            // Printable ASCII: what is written to a log or a terminal holds no control characters of a peer's choice.
            if (current is <= (byte)' ' or >= 0x7f || (current == '/' && !isPath))
            {
                return false;
            }
        }

        return true;
    }
}

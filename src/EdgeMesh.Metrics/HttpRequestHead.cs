using System;

namespace EdgeMesh.Metrics;

/// <summary>What the metrics endpoint needs of an HTTP/1.x request: its first line (RFC 9112 §3).</summary>
internal readonly ref struct HttpRequestHead
{
    private HttpRequestHead(ReadOnlySpan<byte> method, ReadOnlySpan<byte> path)
    {
        Method = method;
        Path = path;
    }

    /// <summary>The method; case-sensitive.</summary>
    public ReadOnlySpan<byte> Method { get; }

    /// <summary>The path, without scheme, host and query.</summary>
    public ReadOnlySpan<byte> Path { get; }

    /// <summary>Whether the bytes hold the empty line that ends the headers.</summary>
    public static bool IsComplete(ReadOnlySpan<byte> bytes) => bytes.IndexOf("\r\n\r\n"u8) >= 0;

    /// <summary>Reads the first line.</summary>
    /// <returns>False if it is no request line of HTTP/1.x.</returns>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out HttpRequestHead head)
    {
        head = default;
        int end = bytes.IndexOf("\r\n"u8);
        if (end < 0)
        {
            return false;
        }

        ReadOnlySpan<byte> line = bytes[..end];
        int afterMethod = line.IndexOf((byte)' ');
        int beforeVersion = line.LastIndexOf((byte)' ');
        if (afterMethod <= 0 || beforeVersion <= afterMethod + 1)
        {
            return false;
        }

        ReadOnlySpan<byte> target = line[(afterMethod + 1)..beforeVersion];
        if (!line[(beforeVersion + 1)..].StartsWith("HTTP/1."u8) || target.ContainsAnyInRange((byte)0, (byte)' '))
        {
            return false;
        }

        head = new HttpRequestHead(line[..afterMethod], PathOf(target));
        return true;
    }

    private static ReadOnlySpan<byte> PathOf(ReadOnlySpan<byte> target)
    {
        // Proxies send the absolute form, http://host/path; every server must take it (RFC 9112 §3.2.2).
        int authority = target.IndexOf("://"u8);
        if (target[0] != (byte)'/' && authority >= 0)
        {
            target = target[(authority + 3)..];
            int slash = target.IndexOf((byte)'/');
            target = slash < 0 ? "/"u8 : target[slash..];
        }

        int query = target.IndexOf((byte)'?');
        return query < 0 ? target : target[..query];
    }
}

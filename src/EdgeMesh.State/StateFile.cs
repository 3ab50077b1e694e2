using System;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace EdgeMesh.State;

/// <summary>
/// What a process keeps on disk: bytes that are replaced as a whole and found again whole, or not at all.
/// </summary>
/// <remarks>
/// <code>
///  offset  0  magic "EDGEMESH"              8 bytes
///          8  version                       4 bytes, big-endian
///         12  length of the content         4 bytes, big-endian
///         16  SHA-256 of bytes 0-15 and of the content
///         48  content
/// </code>
/// Three names: <c>PATH</c>, <c>PATH.previous</c> (the good one before), <c>PATH.refused</c> (the last one that was
/// refused, kept for whoever wants to know why). A crash at any moment leaves a good file under one of the first two.
/// One instance per path, one caller at a time. Each call may take as long as the disk does: seconds, if it stalls.
/// </remarks>
public sealed class StateFile
{
    private const int VersionNumber = 1;
    private const int VersionOffset = 8;
    private const int LengthOffset = 12;
    private const int HashOffset = 16;

    /// <summary>Bytes before the content.</summary>
    internal const int HeaderBytes = HashOffset + SHA256.HashSizeInBytes;

    private readonly int _contentBytesMax;
    private readonly string _previousPath;
    private readonly string _refusedPath;
    private readonly string _newPath;
    private bool _isCurrentGood; // known to be, because this instance loaded or stored it

    /// <summary>Names the file; touches nothing.</summary>
    /// <param name="path">The file; its directory must exist.</param>
    /// <param name="contentBytesMax">Longest content; a longer file is refused unread.</param>
    public StateFile(string path, int contentBytesMax)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfNegative(contentBytesMax);
        Path = path;
        _contentBytesMax = contentBytesMax;
        _previousPath = path + ".previous";
        _refusedPath = path + ".refused";
        _newPath = path + ".new";
    }

    private static ReadOnlySpan<byte> Magic => "EDGEMESH"u8;

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Reads the file; if it can't be taken, moves it aside and reads the previous one.</summary>
    /// <typeparam name="T">What the content is decoded to.</typeparam>
    /// <param name="decode">Decodes the content; a version that it refuses makes way for the one before.</param>
    /// <returns>The value, if there is a good one, and what was wrong.</returns>
    public StateLoad<T> Load<T>(StateDecoder<T> decode)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(decode);
        StateFault fault = Read(Path, decode, out T? value, out string message);
        _isCurrentGood = fault == StateFault.None;
        if (_isCurrentGood)
        {
            return new StateLoad<T>(value, StateFault.None, "", IsPrevious: false);
        }

        if (fault is not (StateFault.Missing or StateFault.Unreadable))
        {
            message += SetAside();
        }

        StateFault previous = Read(_previousPath, decode, out value, out string previousMessage);
        if (previous == StateFault.None)
        {
            return new StateLoad<T>(value, fault, message, IsPrevious: true);
        }

        if (fault == StateFault.Missing && previous == StateFault.Missing)
        {
            return new StateLoad<T>(null, fault, message, IsPrevious: false);
        }

        StateFault worst = fault == StateFault.Missing ? previous : fault;
        return new StateLoad<T>(null, worst, $"{message}; {previousMessage}", IsPrevious: false);
    }

    /// <summary>Replaces the file. The one before becomes the previous one.</summary>
    /// <param name="content">What to keep.</param>
    /// <exception cref="IOException">The disk is full or broken, or the content is too long to be read again; the file
    /// is as it was.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory can't be written; the file is as it was.</exception>
    public void Store(ReadOnlySpan<byte> content)
    {
        if (content.Length > _contentBytesMax)
        {
            throw new IOException($"{content.Length} bytes are too many for a state file: the limit is "
                + $"{_contentBytesMax}");
        }

        byte[] header = Header(content);
        try
        {
            // A stale one may be unwritable or a link to elsewhere: never write through it.
            File.Delete(_newPath);
            using SafeFileHandle file = File.OpenHandle(_newPath, FileMode.CreateNew, FileAccess.Write);
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            RandomAccess.Write(file, header, 0);
            RandomAccess.Write(file, content, header.Length);
            RandomAccess.FlushToDisk(file);
            KeepPrevious();
            File.Move(_newPath, Path, overwrite: true);
            // Once more, after the rename: that has changed the file's inode, so this makes the new name as durable as
            // the bytes. It stands for the sync of the directory, which .NET can't open.
            RandomAccess.FlushToDisk(file);
            _isCurrentGood = true;
        }
        catch
        {
            File.Delete(_newPath);
            throw;
        }
    }

    internal static byte[] Encode(ReadOnlySpan<byte> content) => [.. Header(content), .. content];

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="message">What is wrong with it; empty if nothing is.</param>
    /// <returns>The fault; if there is none, the content is what stands after the header.</returns>
    internal static StateFault Decode(ReadOnlySpan<byte> bytes, out string message)
    {
        if (!bytes.StartsWith(Magic[..Math.Min(Magic.Length, bytes.Length)]))
        {
            message = "it does not begin as a state file does";
            return StateFault.Corrupt;
        }

        if (bytes.Length < HeaderBytes)
        {
            message = $"it ends after {bytes.Length} bytes, within its header";
            return StateFault.Truncated;
        }

        int version = BinaryPrimitives.ReadInt32BigEndian(bytes[VersionOffset..]);
        if (version != VersionNumber)
        {
            message = $"its format is version {version}; this program reads version {VersionNumber}";
            return StateFault.Version;
        }

        int length = BinaryPrimitives.ReadInt32BigEndian(bytes[LengthOffset..]);
        if (length >= 0 && bytes.Length - HeaderBytes < length)
        {
            message = $"it holds {bytes.Length - HeaderBytes} bytes of {length}";
            return StateFault.Truncated;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Hash(bytes[..HashOffset], bytes[HeaderBytes..], hash);
        if (length != bytes.Length - HeaderBytes || !hash.SequenceEqual(bytes.Slice(HashOffset, hash.Length)))
        {
            message = "its checksum does not match";
            return StateFault.Corrupt;
        }

        message = "";
        return StateFault.None;
    }

    // Apart from the content, which may be large: there is no second copy of it.
    private static byte[] Header(ReadOnlySpan<byte> content)
    {
        byte[] header = new byte[HeaderBytes];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(VersionOffset), VersionNumber);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(LengthOffset), content.Length);
        Hash(header.AsSpan(0, HashOffset), content, header.AsSpan(HashOffset, SHA256.HashSizeInBytes));
        return header;
    }

    private static void Hash(ReadOnlySpan<byte> start, ReadOnlySpan<byte> content, Span<byte> hash)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(start);
        sha.AppendData(content);
        sha.GetHashAndReset(hash);
    }

    private StateFault Read<T>(string path, StateDecoder<T> decode, out T? value, out string message)
        where T : class
    {
        value = null;
        StateFault fault = Read(path, out ReadOnlyMemory<byte>? content, out message);
        if (content is not { } bytes || decode(bytes.Span, out value, out string? problem))
        {
            return fault;
        }

        value = null;
        message = $"{path}: {problem}";
        return StateFault.Invalid;
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "the handle is disposed by its using")]
    private StateFault Read(string path, out ReadOnlyMemory<byte>? content, out string message)
    {
        content = null;
        try
        {
            using SafeFileHandle file = File.OpenHandle(path);
            long length = RandomAccess.GetLength(file);
            if (length > (long)HeaderBytes + _contentBytesMax)
            {
                message = $"{path}: {length} bytes are too many for a state file";
                return StateFault.Corrupt;
            }

            byte[] bytes = new byte[length];
            int read = 0;
            for (int more = -1; read < bytes.Length && more != 0; read += more)
            {
                more = RandomAccess.Read(file, bytes.AsSpan(read), read);
            }

            StateFault fault = Decode(bytes.AsSpan(0, read), out message);
            if (fault == StateFault.None)
            {
                content = bytes.AsMemory(HeaderBytes..read);
                return fault;
            }

            message = $"{path}: {message}";
            return fault;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            message = $"{path}: there is no such file";
            return StateFault.Missing;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            message = $"{path}: {e.Message}";
            return StateFault.Unreadable;
        }
    }

    private void KeepPrevious()
    {
        if (!_isCurrentGood)
        {
            StateFault fault = Read(Path, out _, out _);
            if (fault is not (StateFault.None or StateFault.Missing or StateFault.Unreadable))
            {
                SetAside();
                return;
            }
        }

        if (File.Exists(Path))
        {
            File.Move(Path, _previousPath, overwrite: true);
        }
    }

    private string SetAside()
    {
        try
        {
            File.Move(Path, _refusedPath, overwrite: true);
            return $"; kept as {_refusedPath}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"; it could not be moved aside: {e.Message}";
        }
    }
}

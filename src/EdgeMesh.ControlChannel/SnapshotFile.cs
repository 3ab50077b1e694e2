using System;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Security.Cryptography;
using EdgeMesh.ControlChannel.Messages;
using Google.Protobuf;
using Microsoft.Win32.SafeHandles;

namespace EdgeMesh.ControlChannel;

/// <summary>The last good document on disk: enough to start without a control process.</summary>
/// <remarks>
/// <code>
///  offset  0  magic "EDGEMESH"              8 bytes
///          8  version                       4 bytes, big-endian
///         12  length of the document        4 bytes, big-endian
///         16  SHA-256 of bytes 0-15 and of the document
///         48  MeshDocument, protobuf
/// </code>
/// Three names: <c>PATH</c>, <c>PATH.previous</c> (the good one before), <c>PATH.refused</c> (the last one that was
/// refused, kept for whoever wants to know why). A crash at any moment leaves a good file under one of the first two.
/// One instance per path, one caller at a time.
/// </remarks>
public sealed class SnapshotFile
{
    private const int VersionNumber = 1;
    private const int VersionOffset = 8;
    private const int LengthOffset = 12;
    private const int HashOffset = 16;
    private const int HeaderBytes = HashOffset + SHA256.HashSizeInBytes;

    private readonly string _previousPath;
    private readonly string _refusedPath;
    private readonly string _newPath;
    private bool _isCurrentGood; // known to be, because this instance loaded or stored it

    /// <summary>Names the file; touches nothing.</summary>
    /// <param name="path">The file; its directory must exist.</param>
    public SnapshotFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Path = path;
        _previousPath = path + ".previous";
        _refusedPath = path + ".refused";
        _newPath = path + ".new";
    }

    private static ReadOnlySpan<byte> Magic => "EDGEMESH"u8;

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Reads the file; if it can't be taken, moves it aside and reads the previous one.</summary>
    /// <returns>The document, if there is a good one, and what was wrong.</returns>
    public SnapshotLoad Load()
    {
        SnapshotFault fault = Read(Path, out MeshDocument? document, out string message);
        if (document is not null)
        {
            _isCurrentGood = true;
            return new SnapshotLoad(document, SnapshotFault.None, "", IsPrevious: false);
        }

        if (fault is not (SnapshotFault.Missing or SnapshotFault.Unreadable))
        {
            message += SetAside();
        }

        Read(_previousPath, out document, out _);
        return new SnapshotLoad(document, fault, message, IsPrevious: document is not null);
    }

    /// <summary>Replaces the file. The one before becomes the previous one.</summary>
    /// <param name="document">What to keep.</param>
    /// <exception cref="IOException">The disk is full or broken; the file is as it was.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory can't be written; the file is as it was.</exception>
    public void Store(MeshDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        byte[] bytes = Encode(document);
        try
        {
            // A stale one may be unwritable or a link to elsewhere: never write through it.
            File.Delete(_newPath);
            using SafeFileHandle file = File.OpenHandle(_newPath, FileMode.CreateNew, FileAccess.Write);
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            RandomAccess.Write(file, bytes, 0);
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

    internal static byte[] Encode(MeshDocument document)
    {
        byte[] bytes = new byte[HeaderBytes + document.CalculateSize()];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(VersionOffset), VersionNumber);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(LengthOffset), bytes.Length - HeaderBytes);
        document.WriteTo(bytes.AsSpan(HeaderBytes));
        Hash(bytes, bytes.AsSpan(HashOffset, SHA256.HashSizeInBytes));
        return bytes;
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    internal static SnapshotFault Decode(ReadOnlySpan<byte> bytes, out MeshDocument? document, out string message)
    {
        document = null;
        if (!bytes.StartsWith(Magic[..Math.Min(Magic.Length, bytes.Length)]))
        {
            message = "it does not begin as a snapshot does";
            return SnapshotFault.Corrupt;
        }

        if (bytes.Length < HeaderBytes)
        {
            message = $"it ends after {bytes.Length} bytes, within its header";
            return SnapshotFault.Truncated;
        }

        int version = BinaryPrimitives.ReadInt32BigEndian(bytes[VersionOffset..]);
        if (version != VersionNumber)
        {
            message = $"its format is version {version}; this program reads version {VersionNumber}";
            return SnapshotFault.Version;
        }

        int length = BinaryPrimitives.ReadInt32BigEndian(bytes[LengthOffset..]);
        if (length >= 0 && bytes.Length - HeaderBytes < length)
        {
            message = $"it holds {bytes.Length - HeaderBytes} bytes of {length}";
            return SnapshotFault.Truncated;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Hash(bytes, hash);
        if (length != bytes.Length - HeaderBytes || !hash.SequenceEqual(bytes.Slice(HashOffset, hash.Length)))
        {
            message = "its checksum does not match";
            return SnapshotFault.Corrupt;
        }

        return DecodeDocument(bytes[HeaderBytes..], out document, out message);
    }

    private static SnapshotFault DecodeDocument(
        ReadOnlySpan<byte> bytes, out MeshDocument? document, out string message)
    {
        document = null;
        try
        {
            MeshDocument read = MeshDocument.Parser.ParseFrom(bytes);
            if (MeshDocuments.Validate(read) is string problem)
            {
                message = problem;
                return SnapshotFault.Invalid;
            }

            document = read;
            message = "";
            return SnapshotFault.None;
        }
        catch (InvalidProtocolBufferException e)
        {
            message = e.Message;
            return SnapshotFault.Corrupt;
        }
    }

    private static void Hash(ReadOnlySpan<byte> bytes, Span<byte> hash)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(bytes[..HashOffset]);
        sha.AppendData(bytes[HeaderBytes..]);
        sha.GetHashAndReset(hash);
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "the handle is disposed by its using")]
    private static SnapshotFault Read(string path, out MeshDocument? document, out string message)
    {
        document = null;
        try
        {
            using SafeFileHandle file = File.OpenHandle(path);
            long length = RandomAccess.GetLength(file);
            if (length > HeaderBytes + ControlLimits.MessageBytesMax)
            {
                message = $"{path}: {length} bytes are no snapshot";
                return SnapshotFault.Corrupt;
            }

            byte[] bytes = new byte[length];
            int read = 0;
            for (int more = -1; read < bytes.Length && more != 0; read += more)
            {
                more = RandomAccess.Read(file, bytes.AsSpan(read), read);
            }

            SnapshotFault fault = Decode(bytes.AsSpan(0, read), out document, out message);
            message = fault == SnapshotFault.None ? "" : $"{path}: {message}";
            return fault;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            message = $"{path}: there is no such file";
            return SnapshotFault.Missing;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            message = $"{path}: {e.Message}";
            return SnapshotFault.Unreadable;
        }
    }

    private void KeepPrevious()
    {
        if (!_isCurrentGood)
        {
            SnapshotFault fault = Read(Path, out _, out _);
            if (fault is not (SnapshotFault.None or SnapshotFault.Missing or SnapshotFault.Unreadable))
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

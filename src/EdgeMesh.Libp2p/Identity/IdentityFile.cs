using System;
using System.IO;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace EdgeMesh.Libp2p.Identity;

/// <summary>The node's key on its disk: random, made once, readable by its owner only.</summary>
/// <remarks>
/// The file holds the private key's protobuf. A new one is written aside, flushed, and linked into place under its name
/// only if nobody else was faster, so that a reader sees a whole key or none. Nothing here is ever logged.
/// </remarks>
public static class IdentityFile
{
    /// <summary>The file's name in the state directory.</summary>
    public const string FileName = "identity.key";

    // The old form of an Ed25519 key is the longest that we read.
    private const int FileBytesMax = 4 + (3 * IdentityLimits.Ed25519KeyBytes);

    private const UnixFileMode OwnerReadWrite = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerAll = OwnerReadWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private const UnixFileMode OthersAny = OthersWrite
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>Reads the key of a state directory, or makes one, and the directory, if there is none.</summary>
    /// <returns>The key, owned by the caller.</returns>
    /// <exception cref="IdentityFileException">The key can't be used; the message names cause and remedy.</exception>
    public static KeyPair LoadOrCreate(string stateDirectory)
    {
        string path = Path.Combine(stateDirectory, FileName);
        try
        {
            PrepareDirectory(stateDirectory);
            if (!File.Exists(path))
            {
                Create(stateDirectory, path);
            }

            return Load(path);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IdentityFileException(
                $"{path}: access is denied. Run as the owner of {stateDirectory}, or give it to this user.", e);
        }
        catch (IOException e)
        {
            throw new IdentityFileException(
                $"{path}: {e.Message} Check that {stateDirectory} is a directory on a writable disk with space.", e);
        }
    }

    private static void PrepareDirectory(string directory)
    {
        if (!Directory.Exists(directory))
        {
            Directory.CreateDirectory(directory, OwnerAll);
        }

        // Who may write here could put another key in the place of ours.
        if ((File.GetUnixFileMode(directory) & OthersWrite) != UnixFileMode.None)
        {
            throw new IdentityFileException(
                $"{directory} is writable by others, who could replace the node's key. Run: chmod 700 {directory}");
        }
    }

    private static KeyPair Load(string path)
    {
        using SafeFileHandle handle = File.OpenHandle(path);
        if ((File.GetUnixFileMode(handle) & OthersAny) != UnixFileMode.None)
        {
            throw new IdentityFileException(
                $"{path} is open to others, so the key may be known to them. If it isn't, run: chmod 600 {path} ; "
                + "if it may be, delete the file: the node then makes a new key, and its peer id changes.");
        }

        byte[] bytes = GC.AllocateArray<byte>(FileBytesMax + 1, pinned: true);
        try
        {
            int length = Read(handle, bytes);
            if (KeyPair.TryDecode(bytes.AsSpan(0, length), out KeyPair? pair, out string? reason))
            {
                return pair;
            }

            throw new IdentityFileException(
                $"{path} is damaged: {reason}. Restore it from a backup, or delete it: the node then makes a new key, "
                + "and its peer id changes.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private static int Read(SafeFileHandle handle, Span<byte> bytes)
    {
        int length = 0;
        while (length < bytes.Length)
        {
            int read = RandomAccess.Read(handle, bytes[length..], length);
            if (read == 0)
            {
                break;
            }

            length += read;
        }

        return length;
    }

    private static void Create(string directory, string path)
    {
        using KeyPair pair = KeyPair.Generate();
        string suffix = RandomNumberGenerator.GetHexString(16, lowercase: true);
        string aside = Path.Combine(directory, $".{FileName}.{suffix}");
        byte[] bytes = GC.AllocateArray<byte>(IdentityLimits.PrivateKeyProtobufBytes, pinned: true);
        try
        {
            pair.WritePrivateKeyProtobuf(bytes);
            WriteNew(aside, bytes);
            Publish(aside, path);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
            File.Delete(aside);
        }
    }

    private static void WriteNew(string path, ReadOnlySpan<byte> bytes)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerReadWrite,
            BufferSize = 0, // no second copy of the key
        };
        using var stream = new FileStream(path, options);
        stream.Write(bytes);
        stream.Flush(flushToDisk: true);
    }

    private static void Publish(string aside, string path)
    {
        try
        {
            File.Move(aside, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            return; // another process was faster: its key is the node's
        }

        // Flushing the file under its new name also commits the name: .NET can't flush a directory.
        using FileStream stream = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        stream.Flush(flushToDisk: true);
    }
}

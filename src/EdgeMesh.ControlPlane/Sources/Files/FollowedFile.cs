using System;
using System.IO;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Logging;
using Microsoft.Win32.SafeHandles;

namespace EdgeMesh.ControlPlane.Sources.Files;

/// <summary>Reads a file at start and at each change of its content, once it stands still.</summary>
internal sealed class FollowedFile
{
    // The safety net under the watch.
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    // An editor may write in pieces: a file is read when it stood still this long.
    private static readonly TimeSpan SettleTime = TimeSpan.FromMilliseconds(50);
    private const int SettleAttemptsMax = 10;

    private readonly string _path;
    private readonly string _option;
    private readonly string _event;
    private readonly int _bytesMax;
    private readonly StructuredLog _log;
    private byte[] _seen = []; // hash of the content that was last looked at
    private string _lastProblem = "";
    private (DateTime Written, long Length) _identity;

    /// <summary>Touches nothing yet.</summary>
    /// <param name="path">The file.</param>
    /// <param name="option">The option that names it, for messages.</param>
    /// <param name="name">Begins the names of events in the log.</param>
    /// <param name="bytesMax">Longest content; of a longer one, one byte more is read.</param>
    /// <param name="log">The log.</param>
    internal FollowedFile(string path, string option, string name, int bytesMax, StructuredLog log)
    {
        _path = path;
        _option = option;
        _event = name + "_unreadable";
        _bytesMax = bytesMax;
        _log = log;
    }

    /// <summary>Gives each content until told to stop. A file that can't be read changes nothing but the log.</summary>
    /// <param name="take">Gets each content.</param>
    /// <param name="pulse">Called each time around.</param>
    /// <param name="stop">Ends it.</param>
    internal async Task RunAsync(Action<byte[]> take, Action pulse, CancellationToken stop)
    {
        using var watcher = new MeshFileWatcher(_path, _log);
        bool isSignaled = true;
        while (true)
        {
            pulse();
            watcher.Follow();
            await LookAsync(take, isSignaled, stop);
            isSignaled = await watcher.WaitAsync(PollInterval, stop);
        }
    }

    // Large files are read only when something says that they have changed; small ones cost less than finding out.
    private async Task LookAsync(Action<byte[]> take, bool isSignaled, CancellationToken stop)
    {
        const int smallBytes = 64 * 1024;
        try
        {
            var file = new FileInfo(_path);
            FileInfo target = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
            (DateTime, long Length) identity = (target.LastWriteTimeUtc, target.Exists ? target.Length : -1);
            if (!isSignaled && identity == _identity && identity.Length > smallBytes)
            {
                return;
            }

            byte[] bytes = await ReadSettledAsync(stop);
            _identity = identity;
            byte[] hash = SHA256.HashData(bytes);
            if (hash.AsSpan().SequenceEqual(_seen))
            {
                _lastProblem = "";
                return;
            }

            _seen = hash;
            _lastProblem = "";
            take(bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Complain($"{_path} can't be read: {e.Message} Give a readable file by {_option}; what was in force stays");
        }
    }

    private async Task<byte[]> ReadSettledAsync(CancellationToken stop)
    {
        byte[] bytes = Read();
        for (int attempt = 0; attempt < SettleAttemptsMax; attempt++)
        {
            if (_seen.Length > 0 && SHA256.HashData(bytes).AsSpan().SequenceEqual(_seen))
            {
                return bytes; // known: no need to wait
            }

            await Task.Delay(SettleTime, stop);
            byte[] again = Read();
            if (again.AsSpan().SequenceEqual(bytes))
            {
                return bytes;
            }

            bytes = again;
        }

        throw new IOException($"It changes all the time: for {SettleAttemptsMax * SettleTime.TotalMilliseconds} ms "
            + "it never stood still.");
    }

    private byte[] Read()
    {
        using SafeFileHandle file = File.OpenHandle(_path);
        // One byte more than allowed is enough to be refused.
        byte[] bytes = new byte[(int)Math.Min(RandomAccess.GetLength(file), _bytesMax + 1)];
        int read = 0;
        for (int more = -1; read < bytes.Length && more != 0; read += more)
        {
            more = RandomAccess.Read(file, bytes.AsSpan(read), read);
        }

        return read == bytes.Length ? bytes : bytes[..read];
    }

    private void Complain(string problem)
    {
        if (problem != _lastProblem)
        {
            _log.Error(_event, ("problem", problem));
            _lastProblem = problem;
        }
    }
}

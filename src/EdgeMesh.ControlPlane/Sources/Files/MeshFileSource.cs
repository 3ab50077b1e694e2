using System;
using System.Collections.Generic;
using System.IO;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.ControlPlane.DesiredState;
using EdgeMesh.Logging;
using Microsoft.Win32.SafeHandles;

namespace EdgeMesh.ControlPlane.Sources.Files;

/// <summary>
/// Gives the desired state from mesh.yaml, at start and at each change. A bad file changes nothing but the log.
/// </summary>
internal sealed class MeshFileSource : MeshSource
{
    // The safety net under the watch.
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    // An editor may write in pieces: a file is read when it stood still this long.
    private static readonly TimeSpan SettleTime = TimeSpan.FromMilliseconds(50);
    private const int SettleAttemptsMax = 10;

    private readonly string _path;
    private readonly MeshIntake _intake;
    private readonly StructuredLog _log;
    private byte[] _seen = []; // hash of the content that was last looked at
    private string _lastProblem = "";
    private (DateTime Written, long Length) _identity;

    /// <summary>Makes the source; touches nothing.</summary>
    /// <param name="path">mesh.yaml.</param>
    /// <param name="intake">Takes each document that can be read.</param>
    /// <param name="log">The log.</param>
    internal MeshFileSource(string path, MeshIntake intake, StructuredLog log)
    {
        _path = path;
        _intake = intake;
        _log = log;
    }

    /// <inheritdoc/>
    internal override async Task RunAsync(CancellationToken stop)
    {
        using var watcher = new MeshFileWatcher(_path, _log);
        bool isSignaled = true;
        while (true)
        {
            watcher.Follow();
            await LookAsync(isSignaled, stop);
            isSignaled = await watcher.WaitAsync(PollInterval, stop);
        }
    }

    // Large files are read only when something says that they have changed; small ones cost less than finding out.
    private async Task LookAsync(bool isSignaled, CancellationToken stop)
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
            Take(bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Complain($"{_path} can't be read: {e.Message} Give a readable file by --mesh; what was in force stays");
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
        byte[] bytes = new byte[(int)Math.Min(RandomAccess.GetLength(file), MeshFileLimits.FileBytesMax + 1)];
        int read = 0;
        for (int more = -1; read < bytes.Length && more != 0; read += more)
        {
            more = RandomAccess.Read(file, bytes.AsSpan(read), read);
        }

        return read == bytes.Length ? bytes : bytes[..read];
    }

    private void Take(byte[] bytes)
    {
        MeshFileResult result = MeshFileParser.Parse(bytes);
        IReadOnlyList<MeshFileError> errors = result.Reading is null
            ? result.Errors
            : result.Reading.Locate(_intake.Offer(result.Reading.Document));
        if (errors.Count == 0)
        {
            return;
        }

        foreach (MeshFileError error in errors)
        {
            _log.Error("mesh_file_refused", ("problem", error.Format(_path)));
        }

        _log.Error("mesh_file_not_taken", ("path", _path), ("errors", errors.Count),
            ("effect", "what was in force stays"));
    }

    private void Complain(string problem)
    {
        if (problem != _lastProblem)
        {
            _log.Error("mesh_file_unreadable", ("problem", problem));
            _lastProblem = problem;
        }
    }
}

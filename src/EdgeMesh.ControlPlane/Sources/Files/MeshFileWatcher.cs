using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Logging;

namespace EdgeMesh.ControlPlane.Sources.Files;

/// <summary>Wakes up when a file may have changed: edited, replaced, or reached by another symbolic link.</summary>
/// <remarks>
/// Watches the directory of the path, and that of the file it leads to. ConfigMap mounts swap a link named
/// <c>..data</c> beside the file, so names that begin with two dots count as well. What the watch misses (a link
/// further away, a network file system, no inotify instances left) the caller's own timeout finds.
/// </remarks>
internal sealed class MeshFileWatcher : IDisposable
{
    private readonly string _path;
    private readonly StructuredLog _log;
    private readonly SemaphoreSlim _signal = new(0);
    private FileSystemWatcher? _atPath;
    private FileSystemWatcher? _atTarget;
    private bool _hasComplained;

    internal MeshFileWatcher(string path, StructuredLog log)
    {
        _path = Path.GetFullPath(path);
        _log = log;
    }

    /// <summary>Looks again at where the path leads, and watches there.</summary>
    internal void Follow()
    {
        _atPath ??= Watch(_path);
        string target = Target();
        if (target == _path)
        {
            _atTarget?.Dispose();
            _atTarget = null;
            return;
        }

        // Each time a new one: a directory link on the way may lead elsewhere by now, under the same name.
        FileSystemWatcher? before = _atTarget;
        _atTarget = Watch(target);
        before?.Dispose();
    }

    /// <summary>Waits for a sign of change.</summary>
    /// <returns>True if there was one, false if the time is over.</returns>
    internal async Task<bool> WaitAsync(TimeSpan atMost, CancellationToken cancel)
    {
        bool isSignaled = await _signal.WaitAsync(atMost, cancel);
        while (_signal.Wait(0, cancel))
        {
            // One look serves them all.
        }

        return isSignaled;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _atPath?.Dispose();
        _atTarget?.Dispose();
        _signal.Dispose();
    }

    private string Target()
    {
        try
        {
            return File.ResolveLinkTarget(_path, returnFinalTarget: true)?.FullName ?? _path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return _path; // not there now, or a circle of links; reading it says so
        }
    }

    private FileSystemWatcher? Watch(string file)
    {
        string name = Path.GetFileName(file);
        try
        {
            var watcher = new FileSystemWatcher(Path.GetDirectoryName(file)!)
            {
                NotifyFilter = NotifyFilters.FileName
                    | NotifyFilters.DirectoryName
                    | NotifyFilters.LastWrite
                    | NotifyFilters.Size,
            };
            FileSystemEventHandler onChange = (_, change) => Notice(name, change.Name);
            watcher.Changed += onChange;
            watcher.Created += onChange;
            watcher.Deleted += onChange;
            watcher.Renamed += (_, change) =>
            {
                Notice(name, change.Name);
                Notice(name, change.OldName);
            };
            watcher.Error += (_, _) => Release();
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            if (!_hasComplained)
            {
                _log.Warn("mesh_file_not_watched", ("problem", e.Message), ("instead", "looking once a second"));
                _hasComplained = true;
            }

            return null;
        }
    }

    private void Notice(string name, string? changed)
    {
        if (changed is null || changed == name || changed.StartsWith("..", StringComparison.Ordinal))
        {
            Release();
        }
    }

    private void Release()
    {
        try
        {
            if (_signal.CurrentCount == 0)
            {
                _signal.Release();
            }
        }
        catch (ObjectDisposedException)
        {
            // An event that came while ending.
        }
    }
}

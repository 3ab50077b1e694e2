using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Cluster;
using EdgeMesh.ControlPlane.DesiredState;
using EdgeMesh.ControlPlane.Sources.Files;
using EdgeMesh.Logging;

namespace EdgeMesh.ControlPlane.Sources.Kubernetes;

/// <summary>Gives the desired state from shards that are mounted as files: no API is needed.</summary>
/// <remarks>
/// The kubelet changes all files of a volume at once, by the link <c>..data</c>. Their names are the keys of the
/// ConfigMaps: <c>mesh.json</c>, and for the others the names of the objects themselves. A file that is gone means
/// nothing.
/// </remarks>
internal sealed class ShardDirectorySource : MeshSource
{
    // The safety net under the watch.
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);
    private const int FileBytesMax = 1024 * 1024; // a ConfigMap holds no more
    private const int FilesMax = (2 * ClusterLimits.ShardsMax) + ClusterLimits.DeltasMax + 1;

    private readonly string _directory;
    private readonly ShardIntake _intake;
    private readonly ProblemBoard _board;
    private readonly StructuredLog _log;
    private readonly ProblemLog _problems;
    private Dictionary<string, (string Target, DateTime Written, long Length)> _seen = [];

    internal ShardDirectorySource(string directory, ShardIntake intake, ProblemBoard board, StructuredLog log)
    {
        _directory = directory;
        _intake = intake;
        _board = board;
        _log = log;
        _problems = new ProblemLog(log, "mesh_directory_problem");
    }

    /// <inheritdoc/>
    internal override async Task RunAsync(CancellationToken stop)
    {
        using var watcher = new MeshFileWatcher(Path.Combine(_directory, ClusterNames.IndexKey), _log);
        while (true)
        {
            watcher.Follow();
            Look();
            await watcher.WaitAsync(PollInterval, stop);
        }
    }

    /// <summary>Reads what has changed since the last look.</summary>
    internal void Look()
    {
        var problems = new List<string>();
        try
        {
            Dictionary<string, (string Target, DateTime Written, long Length)> now = List();
            if (now.Count == 0)
            {
                problems.Add($"there is no mesh in {_directory}: mount the ConfigMap '{ClusterNames.Index}' and its "
                    + "shards there; what is in force stays");
            }

            List<ClusterObject> changed =
            [
                .. now.Where(file => !_seen.TryGetValue(file.Key, out (string, DateTime, long) before)
                    || before != file.Value).Select(file => Read(file.Key)),
            ];
            _seen = now; // after the reading: what could not be read is tried again
            if (changed.Count > 0)
            {
                _intake.Take(changed);
                _intake.Settle(isComplete: false);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add($"{_directory} can't be read: {e.Message} Give a readable directory by --shards; what is in "
                + "force stays");
        }

        _problems.Report(problems);
        _board.Set(ProblemBoard.Directory, problems);
    }

    private Dictionary<string, (string Target, DateTime Written, long Length)> List() => new DirectoryInfo(_directory)
        .EnumerateFiles()
        .Where(static file => ObjectOf(file.Name) is not null)
        .Take(FilesMax)
        .Select(static file => (file.Name, Target: file.ResolveLinkTarget(returnFinalTarget: true) ?? file))
        .Where(static file => file.Target.Exists)
        .ToDictionary(
            static file => file.Name,
            static file => (file.Target.FullName, file.Target.LastWriteTimeUtc, ((FileInfo)file.Target).Length),
            StringComparer.Ordinal);

    private ClusterObject Read(string name)
    {
        string path = Path.Combine(_directory, name);
        using FileStream file = File.OpenRead(path);
        byte[] bytes = new byte[(int)Math.Min(file.Length, FileBytesMax + 1)]; // one more is enough to be refused
        file.ReadExactly(bytes);
        string owner = ObjectOf(name)!;
        return owner == ClusterNames.Index
            ? ClusterObject.OfText(
                owner, new Dictionary<string, string>(), name, System.Text.Encoding.UTF8.GetString(bytes))
            : ClusterObject.OfBytes(owner, new Dictionary<string, string>(), bytes);
    }

    private static string? ObjectOf(string file) =>
        file == ClusterNames.IndexKey ? ClusterNames.Index
        : ClusterNames.IsShard(file) || ClusterNames.IsDelta(file, out _) ? file
        : null;
}

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Lab.Running;

namespace EdgeMesh.Lab.Networks;

/// <summary>
/// The labs of this machine, each a directory <c>/run/edgemesh-lab/ID</c> that names its owner, and the removal of
/// those whose owner is dead. The namespaces of a lab are called <c>emID-...</c>.
/// </summary>
public static class LabRegistry
{
    /// <summary>Where labs are written down.</summary>
    public const string Root = "/run/edgemesh-lab";

    private const string OwnerFile = "owner";

    /// <summary>Writes down a new lab of this process and makes its directory.</summary>
    internal static (string Id, string Directory) Register()
    {
        Directory.CreateDirectory(Root);
        while (true)
        {
            string id = Random.Shared.Next(0, 1 << 20).ToString("x5", CultureInfo.InvariantCulture);
            string directory = Path.Combine(Root, id);
            if (Directory.Exists(directory))
            {
                continue;
            }

            Directory.CreateDirectory(directory);
            File.WriteAllText(Path.Combine(directory, OwnerFile), OwnerOf(Environment.ProcessId));
            return (id, directory);
        }
    }

    /// <summary>The ids of labs whose owner lives.</summary>
    public static IReadOnlyList<string> Living() => [.. All().Where(OwnerLives)];

    /// <summary>Gives a lab to no process: it stays until <c>down</c>.</summary>
    public static void Disown(string id) => File.WriteAllText(Path.Combine(Root, id, OwnerFile), "none");

    /// <summary>Removes every lab whose owner is dead.</summary>
    /// <param name="alsoDisowned">Also those that <c>up</c> left standing.</param>
    /// <returns>Their ids.</returns>
    public static async Task<IReadOnlyList<string>> RemoveLeftoversAsync(bool alsoDisowned)
    {
        List<string> dead = [.. All().Where(id => !OwnerLives(id) && (alsoDisowned || !IsDisowned(id)))];
        foreach (string id in dead)
        {
            await RemoveAsync(id);
        }

        return dead;
    }

    /// <summary>Ends the processes in a lab's namespaces, each by its id, and removes the namespaces.</summary>
    internal static async Task RemoveAsync(string id)
    {
        // In a session of its own: Ctrl-C at a terminal goes to the whole group, and must not end this.
        (await Command.RunAsync(["setsid", "--wait", "/bin/sh", "-c", RemovalScript, "lab", id])).OrThrow();
    }

    /// <summary>Shell, so that it also works when no process of ours is left: see <see cref="LabReaper"/>.</summary>
    internal const string RemovalScript = """
        id=$1
        spaces=$(ip netns list | cut -d' ' -f1 | grep "^em$id-")
        for space in $spaces; do
          for process in $(ip netns pids "$space" 2>/dev/null); do kill -KILL "$process" 2>/dev/null; done
        done
        for space in $spaces; do ip netns del "$space" 2>/dev/null; done
        for group in /sys/fs/cgroup/*/edgemesh-lab-$id; do
          [ -d "$group" ] || continue
          for again in 1 2 3 4 5 6 7 8 9 10; do
            find "$group" -depth -type d -exec rmdir {} + 2>/dev/null && break
            sleep 0.2
          done
        done
        rm -f "/run/wireguard/wg$id"n*.sock
        rm -rf "/run/edgemesh-lab/$id"
        exit 0
        """;

    private static IEnumerable<string> All() =>
        Directory.Exists(Root) ? Directory.GetDirectories(Root).Select(directory => Path.GetFileName(directory)!) : [];

    private static bool IsDisowned(string id) => OwnerText(id) == "none";

    private static bool OwnerLives(string id)
    {
        string owner = OwnerText(id);
        return int.TryParse(owner.Split(' ')[0], out int process) && owner == OwnerOf(process);
    }

    private static string OwnerText(string id)
    {
        string file = Path.Combine(Root, id, OwnerFile);
        return File.Exists(file) ? File.ReadAllText(file).Trim() : "";
    }

    // The process id and its start in ticks since boot (field 22 of stat), as ids are used again.
    private static string OwnerOf(int process)
    {
        string file = string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat");
        if (!File.Exists(file))
        {
            return "dead";
        }

        string stat = File.ReadAllText(file);
        string start = stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19];
        return string.Create(CultureInfo.InvariantCulture, $"{process} {start}");
    }
}

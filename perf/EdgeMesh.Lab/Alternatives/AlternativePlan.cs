using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Lab.Running;

namespace EdgeMesh.Lab.Alternatives;

/// <summary>One way to carry packets, as a command line names it.</summary>
/// <remarks>
/// <code>
/// baseline | vxlan | wireguard-go | nebula | edgemesh[:VARIANT] | DIRECTORY[:VARIANT]
/// VARIANT = word[+word...], word = epoll | io_uring | offload-off | NAME=VALUE (an option of edgemesh-dataplane)
/// </code>
/// A directory holds the programs of another build, and has a slash in its name.
/// </remarks>
/// <param name="Name">The name, as given.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Options">How the product is started; for other kinds the defaults.</param>
public sealed record AlternativePlan(string Name, AlternativeKind Kind, MeshOptions Options)
{
    /// <summary>The name of plain routing.</summary>
    public const string BaselineName = "baseline";

    /// <summary>Every name without a variant.</summary>
    public static readonly IReadOnlyList<string> Names =
        [BaselineName, "edgemesh", "vxlan", "wireguard-go", "nebula"];

    /// <summary>
    /// MTU of the pods' links, bytes: what each tunnel can carry over an underlay of 1500, as its network plugins set
    /// it. A byte stream carries every size.
    /// </summary>
    public int PodMtuBytes => Kind switch
    {
        AlternativeKind.Vxlan => 1450,
        AlternativeKind.WireGuard => 1420,
        AlternativeKind.Nebula => NebulaTunnel.MtuBytes,
        _ => 1500,
    };

    /// <summary>Reads a name.</summary>
    /// <exception cref="LabException">It is none; the message says what is allowed.</exception>
    public static AlternativePlan Parse(string name)
    {
        int colon = name.IndexOf(':', StringComparison.Ordinal);
        string program = colon < 0 ? name : name[..colon];
        string variant = colon < 0 ? "" : name[(colon + 1)..];
        bool isDirectory = program.Contains('/', StringComparison.Ordinal);
        AlternativeKind kind = program switch
        {
            BaselineName => AlternativeKind.Plain,
            "edgemesh" => AlternativeKind.EdgeMesh,
            "vxlan" => AlternativeKind.Vxlan,
            "wireguard-go" => AlternativeKind.WireGuard,
            "nebula" => AlternativeKind.Nebula,
            _ when isDirectory => AlternativeKind.EdgeMesh,
            _ => throw new LabException(
                $"`{name}` is not an alternative: {string.Join(", ", Names)}, or a directory with another build"),
        };
        if (variant.Length > 0 && kind != AlternativeKind.EdgeMesh)
        {
            throw new LabException($"`{name}`: only edgemesh has variants");
        }

        MeshOptions options = ReadVariant(name, variant);
        return new AlternativePlan(
            name, kind, isDirectory ? options with { ProgramDirectory = Path.GetFullPath(program) } : options);
    }

    /// <summary>What this machine lacks for it, or null if nothing.</summary>
    public string? WhyNot()
    {
        string[] programs = Kind switch
        {
            AlternativeKind.WireGuard => ["wireguard-go", "wg"],
            AlternativeKind.Nebula => ["nebula", "nebula-cert"],
            AlternativeKind.Vxlan => ["bridge"],
            _ => [],
        };
        foreach (string program in programs.Where(program => !LabSupport.IsInstalled(program)))
        {
            return $"`{program}` is not installed: .ci/packages perf installs it";
        }

        string directory = Options.ProgramDirectory ?? Repository.BinDirectory;
        return Kind == AlternativeKind.EdgeMesh && !File.Exists(Path.Combine(directory, "edgemesh-dataplane"))
            ? $"no edgemesh-dataplane in {directory}: run `make build`"
            : null;
    }

    /// <summary>The version of what carries the packets; empty for the kernel's own.</summary>
    public async Task<string> VersionAsync()
    {
        string? package = Kind switch
        {
            AlternativeKind.WireGuard => "wireguard-go",
            AlternativeKind.Nebula => "nebula",
            _ => null,
        };
        if (Kind == AlternativeKind.EdgeMesh)
        {
            CommandResult version = await Command.RunAsync(
                [Repository.Program("edgemesh-dataplane", Options.ProgramDirectory), "--version"]);
            return version.Output.Trim();
        }

        if (package is null || !LabSupport.IsInstalled("dpkg-query"))
        {
            return "";
        }

        CommandResult answer = await Command.RunAsync(["dpkg-query", "-W", "-f", "${Version}", package]);
        return answer.IsSuccess ? answer.Output.Trim() : "";
    }

    private static MeshOptions ReadVariant(string name, string variant)
    {
        var options = new MeshOptions();
        foreach (string word in variant.Split('+', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = word.Split('=', 2);
            options = word switch
            {
                "epoll" or "io_uring" => options with { Io = word },
                "offload-off" => options with { Offload = "off" },
                _ when parts.Length == 2 && parts[0] == "workers" => options with { Workers = Number(name, parts[1]) },
                _ when parts.Length == 2 && parts[0].Length > 0 => options with
                {
                    MoreWords = [.. options.MoreWords, "--" + parts[0], parts[1]],
                },
                _ => throw new LabException(
                    $"`{name}`: `{word}` is not a variant: epoll, io_uring, offload-off, or NAME=VALUE for an option " +
                    "of edgemesh-dataplane, joined by +"),
            };
        }

        return options;
    }

    private static int Number(string name, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0
            ? number
            : throw new LabException($"`{name}`: {text} is not a number of workers");
}

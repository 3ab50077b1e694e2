using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace EdgeMesh.ArchitectureTests;

/// <summary>The tree these tests look at: the one they were built from.</summary>
internal static class Repository
{
    private const string SolutionFile = "EdgeMesh.Dataplane.sln";

    // What builds and tools leave behind (.gitignore), and what is not ours.
    private static readonly string[] SkippedDirectories =
        ["bin", "obj", "artifacts", "node_modules", ".git", "TestResults", "BenchmarkDotNet.Artifacts", ".vs", ".idea",
            "Corpus"];

    /// <summary>Its root directory.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Every file but generated ones, fuzz inputs and lock files, by path from the root.</summary>
    public static IReadOnlyList<string> Files { get; } =
        [.. Walk(Root).Select(path => Path.GetRelativePath(Root, path)).Order(StringComparer.Ordinal)];

    /// <summary>Every C# file.</summary>
    public static IReadOnlyList<SourceFile> Sources { get; } =
        [.. Files.Where(path => path.EndsWith(".cs", StringComparison.Ordinal)).Select(path => new SourceFile(path))];

    /// <summary>C# files of the product: src and native-interop.</summary>
    public static IEnumerable<SourceFile> ProductSources => Sources.Where(source => source.IsProduct);

    /// <summary>Every project.</summary>
    public static IReadOnlyList<ProjectFile> Projects { get; } =
        [.. Files.Where(path => path.EndsWith(".csproj", StringComparison.Ordinal)).Select(path =>
            new ProjectFile(path))];

    /// <summary>A file's text.</summary>
    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>Names in the root directory, without what .gitignore names.</summary>
    public static IEnumerable<string> RootEntries() =>
        Directory.EnumerateFileSystemEntries(Root)
            .Select(path => Path.GetFileName(path))
            .Where(name => !SkippedDirectories.Contains(name));

    private static string FindRoot()
    {
        string? directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, SolutionFile)))
        {
            directory = Path.GetDirectoryName(directory);
        }

        return directory ?? throw new InvalidOperationException($"no {SolutionFile} above {AppContext.BaseDirectory}");
    }

    private static IEnumerable<string> Walk(string directory)
    {
        foreach (string file in Directory.EnumerateFiles(directory))
        {
            if (Path.GetFileName(file) is not ("packages.lock.json" or "package-lock.json" or ".git"))
            {
                yield return file;
            }
        }

        foreach (string below in Directory.EnumerateDirectories(directory))
        {
            if (SkippedDirectories.Contains(Path.GetFileName(below)))
            {
                continue;
            }

            foreach (string file in Walk(below))
            {
                yield return file;
            }
        }
    }
}

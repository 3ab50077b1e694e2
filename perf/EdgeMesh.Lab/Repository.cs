using System;
using System.IO;

namespace EdgeMesh.Lab;

/// <summary>Where the lab finds what was built.</summary>
public static class Repository
{
    /// <summary>
    /// The repository's root, found upwards from this program; the working directory if there is none.
    /// </summary>
    public static string Root { get; } = FindRoot();

    /// <summary>What builds and tests leave behind.</summary>
    public static string ArtifactsDirectory => Path.Combine(Root, "artifacts");

    /// <summary>The product's programs: EDGEMESH_BIN, else <c>artifacts/bin</c>.</summary>
    public static string BinDirectory =>
        Environment.GetEnvironmentVariable("EDGEMESH_BIN") ?? Path.Combine(ArtifactsDirectory, "bin");

    /// <summary>The path of one of the product's programs.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="directory">Where it is; <see cref="BinDirectory"/> if null.</param>
    /// <exception cref="LabException">It was not built.</exception>
    public static string Program(string name, string? directory = null)
    {
        string path = Path.Combine(directory ?? BinDirectory, name);
        return File.Exists(path) ? path : throw new LabException($"{path} is missing: run `make build`");
    }

    private static string FindRoot()
    {
        for (string? directory = AppContext.BaseDirectory; directory is not null;
            directory = Path.GetDirectoryName(directory))
        {
            if (File.Exists(Path.Combine(directory, "EdgeMesh.Dataplane.sln")))
            {
                return directory;
            }
        }

        return Environment.CurrentDirectory;
    }
}

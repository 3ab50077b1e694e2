using System;
using System.Collections.Generic;
using System.Formats.Tar;
using System.IO;
using System.Linq;
using System.Text.Json;
using EdgeMesh.Lab;
using Xunit;

namespace EdgeMesh.KubernetesTests.Images;

/// <summary>An image as <c>make image</c> leaves it: a docker-archive, which is a tar of a manifest, a configuration
/// and layers that are tars themselves.</summary>
internal sealed class ImageArchive
{
    private ImageArchive(string path, JsonElement configuration, IReadOnlyDictionary<string, ImageFile> files)
    {
        Path = path;
        Configuration = configuration;
        Files = files;
    }

    /// <summary>The architectures that images are made for, as .NET names them.</summary>
    public static IReadOnlyList<string> Architectures { get; } = ["linux-x64", "linux-arm64"];

    /// <summary>Where it lies.</summary>
    public string Path { get; }

    /// <summary>The image's configuration: architecture, user, environment, labels.</summary>
    public JsonElement Configuration { get; }

    /// <summary>Files by path, from the root on; directories are left out.</summary>
    public IReadOnlyDictionary<string, ImageFile> Files { get; }

    /// <summary>Where the image of an architecture lies.</summary>
    /// <exception cref="Exception">Skips the test if there is none.</exception>
    public static string Require(string architecture)
    {
        string directory = System.IO.Path.Combine(Repository.ArtifactsDirectory, "image");
        string? path = Directory.Exists(directory)
            ? Directory.GetFiles(directory, $"edgemesh-*-{architecture}.tar").Max(StringComparer.Ordinal)
            : null;
        Assert.SkipWhen(path is null, $"there is no image for {architecture}: `make image` builds it");
        return path!;
    }

    /// <summary>Reads the image of an architecture whole.</summary>
    public static ImageArchive Open(string architecture)
    {
        string path = Require(architecture);
        Dictionary<string, byte[]> entries = ReadEntries(File.OpenRead(path))
            .Where(entry => entry.Type is not TarEntryType.SymbolicLink)
            .ToDictionary(entry => entry.Name, entry => entry.Bytes);
        JsonElement manifest = JsonDocument.Parse(entries["manifest.json"]).RootElement[0];
        var files = new Dictionary<string, ImageFile>();
        foreach (JsonElement layer in manifest.GetProperty("Layers").EnumerateArray())
        {
            foreach (ImageFile file in ReadEntries(new MemoryStream(entries[layer.GetString()!])))
            {
                if (file.Type is not TarEntryType.Directory)
                {
                    files["/" + file.Name.TrimStart('.', '/')] = file;
                }
            }
        }

        string configuration = manifest.GetProperty("Config").GetString()!;
        return new ImageArchive(path, JsonDocument.Parse(entries[configuration]).RootElement, files);
    }

    /// <summary>Writes its files into a directory, as a root file system to run programs of.</summary>
    public void Extract(string directory)
    {
        foreach ((string path, ImageFile file) in Files)
        {
            string target = System.IO.Path.Combine(directory, path.TrimStart('/'));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
            File.WriteAllBytes(target, file.Bytes);
            File.SetUnixFileMode(target, file.Mode);
        }
    }

    private static IEnumerable<ImageFile> ReadEntries(Stream stream)
    {
        using var reader = new TarReader(stream);
        while (reader.GetNextEntry() is { } entry)
        {
            using var content = new MemoryStream();
            entry.DataStream?.CopyTo(content);
            yield return new ImageFile(entry.Name, entry.EntryType, entry.Mode, entry.Uid, content.ToArray());
        }
    }
}

using System;
using System.Collections.Generic;
using System.Formats.Tar;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;

namespace EdgeMesh.Lab.Kubernetes;

/// <summary>
/// Writes small images as <c>docker save</c> does (Docker image specification v1.2): one layer with some files.
/// </summary>
internal static class ImageArchive
{
    /// <summary>Writes an image's archive.</summary>
    /// <param name="path">The archive.</param>
    /// <param name="name">The image's name and tag.</param>
    /// <param name="files">The files in it: path in the image, path here.</param>
    /// <param name="links">Symbolic links in it: their path in the image, and where they lead.</param>
    /// <param name="entryPoint">What it runs.</param>
    public static void Write(
        string path,
        string name,
        IReadOnlyList<(string Inside, string Here)> files,
        IReadOnlyList<(string Inside, string Target)> links,
        IReadOnlyList<string> entryPoint)
    {
        byte[] layer = Tar(files.Select(file => (file.Inside, File.ReadAllBytes(file.Here))), links, executable: true);
        string words = string.Join(", ", entryPoint.Select(word => "\"" + word + "\""));
        byte[] configuration = Encoding.UTF8.GetBytes($$"""
            {"architecture": "amd64", "os": "linux", "config": {"Entrypoint": [{{words}}]},
             "rootfs": {"type": "layers", "diff_ids": ["sha256:{{Hash(layer)}}"]}, "history": [{"created_by": "lab"}]}
            """);
        string configurationName = Hash(configuration) + ".json";
        byte[] manifest = Encoding.UTF8.GetBytes(
            $$"""[{"Config": "{{configurationName}}", "RepoTags": ["{{name}}"], "Layers": ["layer.tar"]}]""");
        File.WriteAllBytes(
            path,
            Tar(
                [(configurationName, configuration), ("layer.tar", layer), ("manifest.json", manifest)],
                [],
                executable: false));
    }

    private static byte[] Tar(
        IEnumerable<(string Name, byte[] Content)> files,
        IEnumerable<(string Name, string Target)> links,
        bool executable)
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in files)
            {
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name.TrimStart('/'))
                {
                    DataStream = new MemoryStream(content),
                    ModificationTime = DateTimeOffset.UnixEpoch,
                    Mode = executable ? (UnixFileMode)0b111_101_101 : (UnixFileMode)0b110_100_100,
                });
            }

            foreach ((string name, string target) in links)
            {
                tar.WriteEntry(
                    new UstarTarEntry(TarEntryType.SymbolicLink, name.TrimStart('/')) { LinkName = target });
            }
        }

        return bytes.ToArray();
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}

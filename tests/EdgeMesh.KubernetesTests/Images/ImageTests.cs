using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Formats.Tar;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using EdgeMesh.Lab;
using EdgeMesh.Lab.Running;
using Xunit;

namespace EdgeMesh.KubernetesTests.Images;

/// <summary>What is in the images, and what isn't.</summary>
public sealed partial class ImageTests
{
    private const long BytesMax = 60_000_000;

    private static readonly string[] Programs =
    [
        "/usr/local/bin/edgemesh", "/usr/local/bin/edgemesh-control", "/usr/local/bin/edgemesh-dataplane",
        "/usr/local/bin/edgemesh-perf", "/usr/sbin/nft",
    ];

    public static TheoryData<string> Architectures => [.. ImageArchive.Architectures];

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Image_holds_programs_libraries_and_texts_and_nothing_else(string architecture)
    {
        ImageArchive image = ImageArchive.Open(architecture);
        string[] executable =
        [
            .. image.Files.Where(file => file.Value.Mode.HasFlag(UnixFileMode.UserExecute) && !IsLibrary(file.Key))
                .Select(file => file.Key).Order(StringComparer.Ordinal),
        ];
        Assert.Equal(Programs.Order(StringComparer.Ordinal), executable);
        Assert.DoesNotContain(image.Files.Keys, path =>
            !executable.Contains(path) && !IsLibrary(path) && !path.StartsWith("/usr/share/", StringComparison.Ordinal)
            && path is not ("/etc/passwd" or "/etc/group" or "/etc/nsswitch.conf"));
        Assert.InRange(new FileInfo(image.Path).Length, 1, BytesMax);
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Nobody_but_root_can_change_a_file_and_none_gives_its_user_rights(string architecture)
    {
        ImageArchive image = ImageArchive.Open(architecture);
        const UnixFileMode Forbidden = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite | UnixFileMode.SetUser
            | UnixFileMode.SetGroup;
        Assert.DoesNotContain(
            image.Files, file => (file.Value.Mode & Forbidden) != UnixFileMode.None || file.Value.User != 0);
        Assert.All(image.Files.Values, file => Assert.Equal(TarEntryType.RegularFile, file.Type));
    }

    [Theory]
    [InlineData("linux-x64", "amd64", 62)]
    [InlineData("linux-arm64", "arm64", 183)]
    public void Every_program_and_library_is_of_the_images_machine(string architecture, string name, int machine)
    {
        ImageArchive image = ImageArchive.Open(architecture);
        Assert.Equal(name, image.Configuration.GetProperty("architecture").GetString());
        Assert.Equal("linux", image.Configuration.GetProperty("os").GetString());

        // e_machine of the ELF header (elf.h: EM_X86_64, EM_AARCH64) is two bytes at 18.
        Assert.All(Binaries(image), file => Assert.Equal(
            machine, BinaryPrimitives.ReadUInt16LittleEndian(file.Value.Bytes.AsSpan(18))));
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public async Task Every_shared_library_that_something_needs_is_inside(string architecture)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/readelf"), "`readelf` is missing: `make image` installs it");
        ImageArchive image = ImageArchive.Open(architecture);
        string[] names = [.. image.Files.Keys.Select(path => Path.GetFileName(path)!)];
        var needed = new List<string> { "libssl.so.3", "libcrypto.so.3" }; // opened by name, so no header has them
        string copy = Path.GetTempFileName();
        try
        {
            foreach (KeyValuePair<string, ImageFile> file in Binaries(image))
            {
                await File.WriteAllBytesAsync(copy, file.Value.Bytes, TestContext.Current.CancellationToken);
                CommandResult header = await Command.RunAsync(["readelf", "-d", copy]);
                needed.AddRange(Needed().Matches(header.OrThrow().Output).Select(match => match.Groups["name"].Value));
            }
        }
        finally
        {
            File.Delete(copy);
        }

        Assert.Empty(needed.Except(names));

        // And nothing that nobody asks for.
        Assert.Empty(Binaries(image).Select(file => Path.GetFileName(file.Key)).Where(IsLibrary).Except(needed));
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Labels_say_version_revision_and_licence(string architecture)
    {
        JsonElement labels = ImageArchive.Open(architecture).Configuration.GetProperty("config").GetProperty("Labels");
        string Label(string name) => labels.GetProperty("org.opencontainers.image." + name).GetString()!;
        string properties = File.ReadAllText(Path.Combine(Repository.Root, "Directory.Build.props"));
        Assert.Contains($"<Version>{Label("version")}</Version>", properties, StringComparison.Ordinal);
        Assert.Contains(
            $"<PackageLicenseExpression>{Label("licenses")}</PackageLicenseExpression>", properties,
            StringComparison.Ordinal);
        Assert.Matches("^([0-9a-f]{40}(-modified)?|unknown)$", Label("revision"));
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Who_is_not_told_otherwise_runs_as_a_user_without_rights(string architecture)
    {
        ImageArchive image = ImageArchive.Open(architecture);
        string user = image.Configuration.GetProperty("config").GetProperty("User").GetString()!;
        Assert.Equal("65532:65532", user); // a number, so that Kubernetes can tell that it isn't root
        Assert.Contains("nonroot:x:65532:", System.Text.Encoding.ASCII.GetString(image.Files["/etc/passwd"].Bytes),
            StringComparison.Ordinal);
    }

    private static IEnumerable<KeyValuePair<string, ImageFile>> Binaries(ImageArchive image) =>
        image.Files.Where(file => file.Value.Bytes.AsSpan().StartsWith("\u007fELF"u8));

    private static bool IsLibrary(string? path) =>
        path is not null && path.Contains(".so.", StringComparison.Ordinal);

    [GeneratedRegex(@"\(NEEDED\).*\[(?<name>[^\]]+)\]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Needed();
}

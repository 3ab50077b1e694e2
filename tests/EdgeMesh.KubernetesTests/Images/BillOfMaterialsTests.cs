using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Xunit;

namespace EdgeMesh.KubernetesTests.Images;

/// <summary>The list of what is in an image (SPDX 2.3) is valid, and says what is there.</summary>
public sealed class BillOfMaterialsTests
{
    private const string Document = "SPDXRef-DOCUMENT";

    public static TheoryData<string> Architectures => [.. ImageArchive.Architectures];

    [Theory]
    [MemberData(nameof(Architectures))]
    public void It_has_what_the_specification_asks_of_every_document(string architecture)
    {
        JsonElement bill = Read(ImageArchive.Require(architecture));
        Assert.Equal("SPDX-2.3", Text(bill, "spdxVersion"));
        Assert.Equal("CC0-1.0", Text(bill, "dataLicense"));
        Assert.Equal(Document, Text(bill, "SPDXID"));
        Assert.NotEmpty(Text(bill, "name"));
        Assert.True(Uri.TryCreate(Text(bill, "documentNamespace"), UriKind.Absolute, out Uri? space));
        Assert.Empty(space.Fragment);
        JsonElement creation = bill.GetProperty("creationInfo");
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", Text(creation, "created"));
        Assert.All(
            Items(creation, "creators"),
            creator => Assert.Matches("^(Tool|Person|Organization): .", creator.GetString()));

        string[] ids = [.. Items(bill, "packages").Concat(Items(bill, "files")).Select(item => Text(item, "SPDXID"))];
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Matches("^SPDXRef-[A-Za-z0-9.-]+$", id));
        Assert.All(Items(bill, "relationships"), relation =>
        {
            Assert.Contains(Text(relation, "spdxElementId"), ids.Append(Document));
            Assert.Contains(Text(relation, "relatedSpdxElement"), ids);
            Assert.NotEmpty(Text(relation, "relationshipType"));
        });
        Assert.Contains(Items(bill, "relationships"), relation =>
            Text(relation, "spdxElementId") == Document && Text(relation, "relationshipType") == "DESCRIBES");
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Every_package_has_version_digest_and_licence(string architecture)
    {
        JsonElement bill = Read(ImageArchive.Require(architecture));
        string[] texts = [.. Items(bill, "hasExtractedLicensingInfos").Select(licence =>
        {
            Assert.True(Text(licence, "extractedText").Length > 100);
            return Text(licence, "licenseId");
        })];
        Assert.All(Items(bill, "packages"), package =>
        {
            foreach (string field in (string[])["name", "versionInfo", "downloadLocation", "licenseConcluded",
                "licenseDeclared", "copyrightText"])
            {
                Assert.NotEmpty(Text(package, field));
            }

            string licence = Text(package, "licenseDeclared");
            Assert.True(
                !licence.StartsWith("LicenseRef-", StringComparison.Ordinal) || texts.Contains(licence), licence);
            bool isForeign = !Text(package, "name").StartsWith("edgemesh", StringComparison.Ordinal);
            Assert.Equal(isForeign, package.TryGetProperty("checksums", out _));
            Assert.All(isForeign ? Items(package, "checksums") : [], checksum => Assert.Matches(
                Text(checksum, "algorithm") == "SHA512" ? "^[0-9a-f]{128}$" : "^[0-9a-f]{64}$",
                Text(checksum, "checksumValue")));
        });

        // One of each kind: linked into the programs, of the runtime, of Debian.
        string[] names = [.. Items(bill, "packages").Select(package => Text(package, "name"))];
        Assert.Contains("BouncyCastle.Cryptography", names);
        Assert.Contains("YamlDotNet", names);
        Assert.Contains($"Microsoft.NETCore.App.Runtime.NativeAOT.{architecture}", names);
        Assert.Contains("libssl3", names);
        Assert.Contains("nftables", names);
        Assert.DoesNotContain("Meziantou.Analyzer", names); // helps while building, and isn't inside
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Every_file_of_the_image_belongs_to_one_package_and_has_the_stated_digest(string architecture)
    {
        ImageArchive image = ImageArchive.Open(architecture);
        JsonElement bill = Read(image.Path);
        Dictionary<string, JsonElement> listed = Items(bill, "files").ToDictionary(file => Text(file, "fileName")[1..]);
        Assert.Equal(image.Files.Keys.Order(StringComparer.Ordinal), listed.Keys.Order(StringComparer.Ordinal));
        string[] packages = [.. Items(bill, "packages").Select(package => Text(package, "SPDXID"))];
        ILookup<string, string> owners = Items(bill, "relationships")
            .Where(relation => Text(relation, "relationshipType") == "CONTAINS")
            .ToLookup(relation => Text(relation, "relatedSpdxElement"), relation => Text(relation, "spdxElementId"));
        Assert.All(listed, file =>
        {
            string owner = Assert.Single(owners[Text(file.Value, "SPDXID")]);
            Assert.Contains(owner, packages);
            byte[] bytes = image.Files[file.Key].Bytes;
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), Checksum(file.Value, "SHA256"));
#pragma warning disable CA5350 // the specification identifies files by SHA-1; nothing rests on it here
            Assert.Equal(Convert.ToHexStringLower(SHA1.HashData(bytes)), Checksum(file.Value, "SHA1"));
#pragma warning restore CA5350
        });
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Packages_carry_the_digest_over_their_files(string architecture)
    {
        JsonElement bill = Read(ImageArchive.Require(architecture));
        Dictionary<string, JsonElement> files = Items(bill, "files").ToDictionary(file => Text(file, "SPDXID"));
        ILookup<string, string> contents = Items(bill, "relationships")
            .Where(relation => files.ContainsKey(Text(relation, "relatedSpdxElement")))
            .ToLookup(relation => Text(relation, "spdxElementId"), relation => Text(relation, "relatedSpdxElement"));
        Assert.All(Items(bill, "packages"), package =>
        {
            string[] digests =
            [
                .. contents[Text(package, "SPDXID")]
                    .Select(file => Checksum(files[file], "SHA1"))
                    .Order(StringComparer.Ordinal),
            ];
            Assert.Equal(digests.Length > 0, package.GetProperty("filesAnalyzed").GetBoolean());
            if (digests.Length > 0)
            {
                // SPDX 2.3, 7.9: SHA-1 of the sorted digests, put together.
#pragma warning disable CA5350 // as above
                string expected = Convert.ToHexStringLower(
                    SHA1.HashData(Encoding.ASCII.GetBytes(string.Concat(digests))));
#pragma warning restore CA5350
                Assert.Equal(expected, Text(
                    package.GetProperty("packageVerificationCode"), "packageVerificationCodeValue"));
            }
        });
    }

    private static JsonElement Read(string imagePath) =>
        JsonDocument.Parse(File.ReadAllText(Path.ChangeExtension(imagePath, ".spdx.json"))).RootElement;

    private static string Text(JsonElement item, string field) => item.GetProperty(field).GetString()!;

    private static JsonElement[] Items(JsonElement item, string field) =>
        [.. item.GetProperty(field).EnumerateArray()];

    private static string Checksum(JsonElement file, string algorithm) => Text(
        Items(file, "checksums").Single(checksum => Text(checksum, "algorithm") == algorithm), "checksumValue");
}

using System;
using System.IO;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using Xunit;

namespace EdgeMesh.UnitTests.ControlChannel;

public sealed class SnapshotFileTests : IDisposable
{
    private static readonly MeshDocument First = SampleMeshes.Document(1, SampleMeshes.Node("a", 1, "10.244.1.0/24"));
    private static readonly MeshDocument Second = SampleMeshes.Document(2, SampleMeshes.Node("b", 2, "10.244.5.0/24"));

    private readonly TemporaryDirectory _directory = new();

    private string FilePath => _directory.File("mesh.snapshot");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void What_was_stored_is_loaded()
    {
        new SnapshotFile(FilePath).Store(First);
        SnapshotLoad load = new SnapshotFile(FilePath).Load();
        Assert.Equal(new SnapshotLoad(First, SnapshotFault.None, "", IsPrevious: false), load);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));
        Assert.Single(Directory.GetFiles(_directory.Path));
    }

    [Fact]
    public void Nothing_there_is_missing_and_no_more()
    {
        SnapshotLoad load = new SnapshotFile(FilePath).Load();
        Assert.Equal((null, SnapshotFault.Missing), (load.Document, load.Fault));
        Assert.Contains(FilePath, load.Message);
    }

    [Fact]
    public void The_one_before_is_kept()
    {
        var file = new SnapshotFile(FilePath);
        file.Store(First);
        file.Store(Second);
        Assert.Equal(Second, file.Load().Document);
        Assert.Equal(First, new SnapshotFile(FilePath + ".previous").Load().Document);
    }

    [Fact]
    public void Each_changed_byte_is_found_and_the_previous_file_taken()
    {
        byte[] good = SnapshotFile.Encode(Second);
        for (int i = 0; i < good.Length; i++)
        {
            byte[] bad = (byte[])good.Clone();
            bad[i] ^= 0x10;
            SnapshotFault fault = SnapshotFile.Decode(bad, out MeshDocument? document, out string message);
            Assert.Null(document);
            Assert.NotEqual(SnapshotFault.None, fault);
            Assert.NotEmpty(message);
        }

        var file = new SnapshotFile(FilePath);
        file.Store(First);
        file.Store(Second);
        good[^1] ^= 1;
        File.WriteAllBytes(FilePath, good);
        SnapshotLoad load = new SnapshotFile(FilePath).Load();
        Assert.Equal((First, SnapshotFault.Corrupt, true), (load.Document, load.Fault, load.IsPrevious));
        Assert.Contains("checksum", load.Message);
        Assert.Contains(FilePath + ".refused", load.Message);
        Assert.Equal(good, File.ReadAllBytes(FilePath + ".refused"));
    }

    [Fact]
    public void Each_truncation_is_found()
    {
        byte[] good = SnapshotFile.Encode(Second);
        for (int length = 0; length < good.Length; length++)
        {
            Assert.Equal(SnapshotFault.Truncated,
                SnapshotFile.Decode(good.AsSpan(0, length), out MeshDocument? document, out _));
            Assert.Null(document);
        }

        Assert.Equal(SnapshotFault.Corrupt, SnapshotFile.Decode([.. good, 0], out _, out _));
    }

    [Fact]
    public void Another_version_is_named()
    {
        byte[] bytes = SnapshotFile.Encode(First);
        bytes[11] = 9;
        Assert.Equal(SnapshotFault.Version, SnapshotFile.Decode(bytes, out _, out string message));
        Assert.Contains("version 9", message);
    }

    [Fact]
    public void A_document_that_breaks_the_rules_is_invalid()
    {
        MeshDocument twice = SampleMeshes.Document(3, SampleMeshes.Node("a", 1), SampleMeshes.Node("a", 2));
        Assert.Equal(SnapshotFault.Invalid, SnapshotFile.Decode(SnapshotFile.Encode(twice), out _, out string message));
        Assert.Contains("two nodes are called 'a'", message);
    }

    [Fact]
    public void Storing_over_a_corrupt_file_never_makes_it_the_previous_one()
    {
        new SnapshotFile(FilePath).Store(First);
        new SnapshotFile(FilePath).Store(Second);
        File.WriteAllText(FilePath, "garbage");
        var file = new SnapshotFile(FilePath);
        file.Store(Second);
        Assert.Equal(First, new SnapshotFile(FilePath + ".previous").Load().Document);
        Assert.Equal("garbage", File.ReadAllText(FilePath + ".refused"));
        Assert.Equal(Second, file.Load().Document);
    }

    [Fact]
    public void A_crash_between_the_two_renames_loses_nothing()
    {
        new SnapshotFile(FilePath).Store(First);
        File.Move(FilePath, FilePath + ".previous");
        File.WriteAllBytes(FilePath + ".new", SnapshotFile.Encode(Second));
        SnapshotLoad load = new SnapshotFile(FilePath).Load();
        Assert.Equal((First, SnapshotFault.Missing, true), (load.Document, load.Fault, load.IsPrevious));
        new SnapshotFile(FilePath).Store(Second);
        Assert.Equal(Second, new SnapshotFile(FilePath).Load().Document);
        Assert.False(File.Exists(FilePath + ".new"));
    }

    [Fact]
    public void A_store_that_fails_leaves_the_file_as_it_was()
    {
        var file = new SnapshotFile(FilePath);
        file.Store(First);
        Directory.CreateDirectory(FilePath + ".new"); // the temporary name is taken by what can't be replaced
        Assert.ThrowsAny<Exception>(() => file.Store(Second));
        Assert.Equal(First, new SnapshotFile(FilePath).Load().Document);
    }

    [Fact]
    public void Random_bytes_are_refused()
    {
        const int seed = 20261123;
        var random = new Random(seed);
        byte[] good = SnapshotFile.Encode(First);
        for (int i = 0; i < 5000; i++)
        {
            byte[] bytes = i % 2 == 0 ? (byte[])good.Clone() : new byte[random.Next(200)];
            for (int change = 0; change < 4 && bytes.Length > 0; change++)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            SnapshotFault fault = SnapshotFile.Decode(bytes, out MeshDocument? document, out _);
            Assert.True((fault == SnapshotFault.None) == (document is not null), $"seed {seed}");
            Assert.True(document is null || bytes.AsSpan().SequenceEqual(good), $"seed {seed}");
        }
    }
}

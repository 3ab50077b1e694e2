using System;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using EdgeMesh.State;
using EdgeMesh.UnitTests.ControlChannel;
using Xunit;

namespace EdgeMesh.UnitTests.State;

public sealed class StateFileTests : IDisposable
{
    private const int BytesMax = 100;
    private static readonly byte[] First = [1, 2, 3];
    private static readonly byte[] Second = [4, 5, 6, 7];

    private readonly TemporaryDirectory _directory = new();

    private string FilePath => _directory.File("some.state");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void What_was_stored_is_loaded()
    {
        File().Store(First);
        StateLoad<byte[]> load = File().Load<byte[]>(Take);
        Assert.Equal((StateFault.None, "", false), (load.Fault, load.Message, load.IsPrevious));
        Assert.Equal(First, load.Value);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(FilePath));
        Assert.Single(Directory.GetFiles(_directory.Path));
    }

    [Fact]
    public void Nothing_is_content_too()
    {
        File().Store([]);
        Assert.Empty(File().Load<byte[]>(Take).Value!);
    }

    [Fact]   // version 1 of the format, as decision record 0007 describes it; the hash is from another program
    public void The_format_stays_as_it_is() => Assert.Equal(
        "45444745" + "4D455348" + "00000001" + "00000003"
            + "E98A3425D0E29DC2F67C671F2DE19EEB0E4AB50E174B57812C28A77C41285CB5" + "010203",
        Convert.ToHexString(StateFile.Encode(First)));

    [Fact]
    public void Nothing_there_is_missing_and_no_more()
    {
        StateLoad<byte[]> load = File().Load<byte[]>(Take);
        Assert.Equal((null, StateFault.Missing), (load.Value, load.Fault));
        Assert.Contains(FilePath, load.Message);
    }

    [Fact]
    public void The_one_before_is_kept()
    {
        StateFile file = File();
        file.Store(First);
        file.Store(Second);
        Assert.Equal(Second, file.Load<byte[]>(Take).Value);
        Assert.Equal(First, File(".previous").Load<byte[]>(Take).Value);
    }

    [Fact]
    public void Each_changed_byte_is_found_and_the_previous_file_taken()
    {
        byte[] good = StateFile.Encode(Second);
        for (int i = 0; i < good.Length; i++)
        {
            byte[] bad = (byte[])good.Clone();
            bad[i] ^= 0x10;
            Assert.NotEqual(StateFault.None, StateFile.Decode(bad, out string message));
            Assert.NotEmpty(message);
        }

        StateFile file = File();
        file.Store(First);
        file.Store(Second);
        good[^1] ^= 1;
        System.IO.File.WriteAllBytes(FilePath, good);
        StateLoad<byte[]> load = File().Load<byte[]>(Take);
        Assert.Equal((StateFault.Corrupt, true), (load.Fault, load.IsPrevious));
        Assert.Equal(First, load.Value);
        Assert.Contains("checksum", load.Message);
        Assert.Contains(FilePath + ".refused", load.Message);
        Assert.Equal(good, System.IO.File.ReadAllBytes(FilePath + ".refused"));
    }

    [Fact]
    public void Each_truncation_is_found()
    {
        byte[] good = StateFile.Encode(Second);
        for (int length = 0; length < good.Length; length++)
        {
            Assert.Equal(StateFault.Truncated, StateFile.Decode(good.AsSpan(0, length), out _));
        }

        Assert.Equal(StateFault.Corrupt, StateFile.Decode([.. good, 0], out _));
    }

    [Fact]
    public void Another_version_is_named()
    {
        byte[] bytes = StateFile.Encode(First);
        bytes[11] = 9;
        Assert.Equal(StateFault.Version, StateFile.Decode(bytes, out string message));
        Assert.Contains("version 9", message);
    }

    [Fact]
    public void What_its_reader_refuses_makes_way_for_the_one_before_and_is_kept_aside()
    {
        StateFile file = File();
        file.Store(First);
        file.Store(Second);
        StateLoad<byte[]> load = File().Load<byte[]>(TakeFirst);
        Assert.Equal((StateFault.Invalid, true), (load.Fault, load.IsPrevious));
        Assert.Equal(First, load.Value);
        Assert.Contains($"{FilePath}: it makes no sense", load.Message);
        Assert.DoesNotContain(".previous", load.Message);
        Assert.Equal(Second, File(".refused").Load<byte[]>(Take).Value);
    }

    [Fact]
    public void What_is_wrong_with_each_version_is_told_and_the_file_s_own_fault_stands_first()
    {
        System.IO.File.WriteAllText(FilePath, "garbage");
        File(".previous").Store(Second);
        StateLoad<byte[]> load = File().Load<byte[]>(TakeFirst);
        Assert.Equal((null, StateFault.Corrupt, false), (load.Value, load.Fault, load.IsPrevious));
        Assert.Contains($"{FilePath}: it does not begin as a state file does", load.Message);
        Assert.Contains($"; {FilePath}.previous: it makes no sense", load.Message);
        Assert.Equal(Second, File(".previous").Load<byte[]>(Take).Value); // nothing is better, so it stays
    }

    [Theory]   // not Missing: that would say that nothing had ever been stored
    [InlineData(true, StateFault.Invalid, "it makes no sense")]
    [InlineData(false, StateFault.Truncated, "within its header")]
    public void A_bad_previous_version_of_a_missing_file_is_the_fault(bool isWhole, StateFault fault, string problem)
    {
        byte[] bytes = StateFile.Encode(Second);
        System.IO.File.WriteAllBytes(FilePath + ".previous", isWhole ? bytes : bytes[..20]);
        StateLoad<byte[]> load = File().Load<byte[]>(TakeFirst);
        Assert.Equal((null, fault, false), (load.Value, load.Fault, load.IsPrevious));
        Assert.Contains($"{FilePath}: there is no such file; {FilePath}.previous: ", load.Message);
        Assert.Contains(problem, load.Message);
    }

    [Fact]
    public void Too_long_a_content_is_neither_stored_nor_read()
    {
        StateFile file = File();
        file.Store(new byte[BytesMax]);
        Assert.Throws<IOException>(() => file.Store(new byte[BytesMax + 1]));
        Assert.Equal(BytesMax, file.Load<byte[]>(Take).Value!.Length);
        System.IO.File.WriteAllBytes(FilePath, StateFile.Encode(new byte[BytesMax + 1]));
        Assert.Equal(StateFault.Corrupt, file.Load<byte[]>(Take).Fault);
    }

    [Fact]
    public void Storing_over_a_corrupt_file_never_makes_it_the_previous_one()
    {
        File().Store(First);
        File().Store(Second);
        System.IO.File.WriteAllText(FilePath, "garbage");
        StateFile file = File();
        file.Store(Second);
        Assert.Equal(First, File(".previous").Load<byte[]>(Take).Value);
        Assert.Equal("garbage", System.IO.File.ReadAllText(FilePath + ".refused"));
        Assert.Equal(Second, file.Load<byte[]>(Take).Value);
    }

    [Fact]
    public void A_crash_between_the_two_renames_loses_nothing()
    {
        File().Store(First);
        System.IO.File.Move(FilePath, FilePath + ".previous");
        System.IO.File.WriteAllBytes(FilePath + ".new", StateFile.Encode(Second));
        StateLoad<byte[]> load = File().Load<byte[]>(Take);
        Assert.Equal((StateFault.Missing, true), (load.Fault, load.IsPrevious));
        Assert.Equal(First, load.Value);
        File().Store(Second);
        Assert.Equal(Second, File().Load<byte[]>(Take).Value);
        Assert.False(System.IO.File.Exists(FilePath + ".new"));
    }

    [Fact]
    public void A_store_that_fails_leaves_the_file_as_it_was()
    {
        StateFile file = File();
        file.Store(First);
        Directory.CreateDirectory(FilePath + ".new"); // the temporary name is taken by what can't be replaced
        Assert.ThrowsAny<Exception>(() => file.Store(Second));
        Assert.Equal(First, File().Load<byte[]>(Take).Value);
    }

    [Fact]
    public void Random_bytes_are_refused()
    {
        const int seed = 20261123;
        var random = new Random(seed);
        byte[] good = StateFile.Encode(First);
        for (int i = 0; i < 5000; i++)
        {
            byte[] bytes = i % 2 == 0 ? (byte[])good.Clone() : new byte[random.Next(200)];
            for (int change = 0; change < 4 && bytes.Length > 0; change++)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            bool isTaken = StateFile.Decode(bytes, out _) == StateFault.None;
            Assert.True(isTaken == bytes.AsSpan().SequenceEqual(good), $"seed {seed}");
        }
    }

    internal static bool Take(
        ReadOnlySpan<byte> content, [NotNullWhen(true)] out byte[]? value, [NotNullWhen(false)] out string? problem)
    {
        value = content.ToArray();
        problem = null;
        return true;
    }

    private static bool TakeFirst(
        ReadOnlySpan<byte> content, [NotNullWhen(true)] out byte[]? value, [NotNullWhen(false)] out string? problem)
    {
        value = content.SequenceEqual(First) ? First : null;
        problem = value is null ? "it makes no sense" : null;
        return value is not null;
    }

    private StateFile File(string suffix = "") => new(FilePath + suffix, BytesMax);
}

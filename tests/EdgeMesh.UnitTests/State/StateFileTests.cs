using System;
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
        StateLoad load = File().Load();
        Assert.Equal((StateFault.None, "", false), (load.Fault, load.Message, load.IsPrevious));
        Assert.Equal(First, Content(load));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(FilePath));
        Assert.Single(Directory.GetFiles(_directory.Path));
    }

    [Fact]
    public void Nothing_is_content_too()
    {
        File().Store([]);
        Assert.Empty(Content(File().Load())!);
    }

    [Fact]   // version 1 of the format, as decision record 0007 describes it; the hash is from another program
    public void The_format_stays_as_it_is() => Assert.Equal(
        "45444745" + "4D455348" + "00000001" + "00000003"
            + "E98A3425D0E29DC2F67C671F2DE19EEB0E4AB50E174B57812C28A77C41285CB5" + "010203",
        Convert.ToHexString(StateFile.Encode(First)));

    [Fact]
    public void Nothing_there_is_missing_and_no_more()
    {
        StateLoad load = File().Load();
        Assert.Equal((null, StateFault.Missing), (Content(load), load.Fault));
        Assert.Contains(FilePath, load.Message);
    }

    [Fact]
    public void The_one_before_is_kept()
    {
        StateFile file = File();
        file.Store(First);
        file.Store(Second);
        Assert.Equal(Second, Content(file.Load()));
        Assert.Equal(First, Content(File(".previous").Load()));
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
        StateLoad load = File().Load();
        Assert.Equal((StateFault.Corrupt, true), (load.Fault, load.IsPrevious));
        Assert.Equal(First, Content(load));
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
        StateLoad load = file.Refuse(file.Load(), "it makes no sense");
        Assert.Equal((StateFault.Invalid, true), (load.Fault, load.IsPrevious));
        Assert.Equal(First, Content(load));
        Assert.Contains($"{FilePath}: it makes no sense", load.Message);
        Assert.Equal(Second, Content(File(".refused").Load()));

        StateLoad none = file.Refuse(load, "nor does this");
        Assert.Equal((null, StateFault.Invalid), (Content(none), none.Fault));
    }

    [Fact]
    public void Too_long_a_content_is_neither_stored_nor_read()
    {
        StateFile file = File();
        file.Store(new byte[BytesMax]);
        Assert.Throws<IOException>(() => file.Store(new byte[BytesMax + 1]));
        Assert.Equal(BytesMax, Content(file.Load())!.Length);
        System.IO.File.WriteAllBytes(FilePath, StateFile.Encode(new byte[BytesMax + 1]));
        Assert.Equal(StateFault.Corrupt, file.Load().Fault);
    }

    [Fact]
    public void Storing_over_a_corrupt_file_never_makes_it_the_previous_one()
    {
        File().Store(First);
        File().Store(Second);
        System.IO.File.WriteAllText(FilePath, "garbage");
        StateFile file = File();
        file.Store(Second);
        Assert.Equal(First, Content(File(".previous").Load()));
        Assert.Equal("garbage", System.IO.File.ReadAllText(FilePath + ".refused"));
        Assert.Equal(Second, Content(file.Load()));
    }

    [Fact]
    public void A_crash_between_the_two_renames_loses_nothing()
    {
        File().Store(First);
        System.IO.File.Move(FilePath, FilePath + ".previous");
        System.IO.File.WriteAllBytes(FilePath + ".new", StateFile.Encode(Second));
        StateLoad load = File().Load();
        Assert.Equal((StateFault.Missing, true), (load.Fault, load.IsPrevious));
        Assert.Equal(First, Content(load));
        File().Store(Second);
        Assert.Equal(Second, Content(File().Load()));
        Assert.False(System.IO.File.Exists(FilePath + ".new"));
    }

    [Fact]
    public void A_store_that_fails_leaves_the_file_as_it_was()
    {
        StateFile file = File();
        file.Store(First);
        Directory.CreateDirectory(FilePath + ".new"); // the temporary name is taken by what can't be replaced
        Assert.ThrowsAny<Exception>(() => file.Store(Second));
        Assert.Equal(First, Content(File().Load()));
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

    private static byte[]? Content(StateLoad load) => load.Content?.ToArray();

    private StateFile File(string suffix = "") => new(FilePath + suffix, BytesMax);
}

using System;
using System.Collections.Concurrent;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.State;
using EdgeMesh.UnitTests.ControlChannel;
using Xunit;

namespace EdgeMesh.UnitTests.State;

public sealed class StateWriterTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string FilePath => _directory.File("some.state");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task What_was_kept_last_is_on_disk_after_a_flush()
    {
        var problems = new ConcurrentQueue<Exception>();
        await using var writer = new StateWriter(File(), problems.Enqueue);
        for (byte i = 0; i < 50; i++)
        {
            writer.Keep([i]);
        }

        await writer.FlushAsync();
        Assert.Empty(problems);
        Assert.Equal([49], Stored(FilePath));
    }

    [Fact]   // the stall is played by a report of failure that does not return: both are on the writer's thread
    public async Task Keeping_returns_while_the_disk_stalls_and_only_the_newest_is_stored_afterwards()
    {
        using var stall = new ManualResetEventSlim();
        using var isStalled = new ManualResetEventSlim();
        string path = _directory.File("late/some.state");
        await using var writer = new StateWriter(new StateFile(path, 1), _ =>
        {
            isStalled.Set();
            stall.Wait();
        });
        writer.Keep([1]);
        isStalled.Wait(TestContext.Current.CancellationToken);
        writer.Keep([2]);
        writer.Keep([3]);
        Task flushed = writer.FlushAsync();
        Assert.False(flushed.IsCompleted);
        Directory.CreateDirectory(_directory.File("late"));
        stall.Set();
        await flushed;
        Assert.Equal([3], Stored(path));
        Assert.False(System.IO.File.Exists(path + ".previous"));
    }

    [Fact]
    public async Task A_store_that_failed_is_told_and_the_next_one_tried()
    {
        var problems = new ConcurrentQueue<Exception>();
        await using var writer = new StateWriter(File(), problems.Enqueue);
        writer.Keep(new byte[2]);
        await writer.FlushAsync();
        Assert.IsType<IOException>(Assert.Single(problems));
        writer.Keep([1]);
        await writer.FlushAsync();
        Assert.Single(problems);
        Assert.Equal([1], Stored(FilePath));
    }

    [Fact]   // here a name that no file can have; out of memory would be another
    public async Task A_store_that_failed_unexpectedly_is_told_too_and_the_next_one_tried()
    {
        var problems = new ConcurrentQueue<Exception>();
        await using var writer = new StateWriter(new StateFile(_directory.File("some\0state"), 1), problems.Enqueue);
        for (int tries = 1; tries <= 2; tries++)
        {
            writer.Keep([1]);
            await writer.FlushAsync();
            Assert.Equal(tries, problems.Count);
        }

        Assert.All(problems, problem => Assert.IsType<ArgumentException>(problem));
    }

    private static byte[]? Stored(string path) => new StateFile(path, 1).Load<byte[]>(StateFileTests.Take).Value;

    private StateFile File() => new(FilePath, 1);
}

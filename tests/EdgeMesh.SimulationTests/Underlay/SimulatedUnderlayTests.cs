using System;
using System.IO;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Packets;
using EdgeMesh.Underlay;
using Xunit;

namespace EdgeMesh.SimulationTests.Underlay;

/// <summary>The simulator does what the world does, and the same again for the same seed.</summary>
public sealed class SimulatedUnderlayTests
{
    [Fact]
    public void Bytes_arrive_whole_and_in_order_however_they_are_cut_and_lost()
    {
        for (int seed = 1; seed <= 20; seed++)
        {
            SimulatedPair pair = new SimulatedPair(seed, new PathConditions
            {
                Loss = 0.05, PieceBytesMax = 3000, JitterMax = TimeSpan.FromMilliseconds(20),
            }).Connect();
            byte[] sent = new byte[300_000];
            new Random(seed).NextBytes(sent);
            using var received = new MemoryStream();
            pair.On(pair.NearLoop, () => SendAsync(pair.Dialed!, sent));
            pair.On(pair.FarLoop, () => ReceiveAsync(pair.Accepted!, received));
            Assert.True(pair.World.RunUntil(() => received.Length == sent.Length, TimeSpan.FromSeconds(60)));
            Assert.Equal(sent, received.ToArray());
        }
    }

    [Fact]
    public void Bandwidth_and_delay_are_what_was_asked_for()
    {
        SimulatedPair pair = new SimulatedPair(1, new PathConditions
        {
            BytesPerSecond = 1_000_000, Delay = TimeSpan.FromMilliseconds(50),
        }).Connect();
        Instant start = pair.World.Now;
        using var received = new MemoryStream();
        pair.On(pair.NearLoop, () => SendAsync(pair.Dialed!, new byte[1_000_000]));
        pair.On(pair.FarLoop, () => ReceiveAsync(pair.Accepted!, received));
        Assert.True(pair.World.RunUntil(() => received.Length == 1_000_000, TimeSpan.FromSeconds(60)));
        Assert.InRange((pair.World.Now - start).TotalSeconds, 1.05, 1.3);
    }

    [Fact]
    public void A_flush_waits_while_the_far_end_does_not_read()
    {
        SimulatedPair pair = new SimulatedPair(2).Connect();
        bool isSent = false;
        using var received = new MemoryStream();
        pair.On(pair.NearLoop, async () =>
        {
            await SendAsync(pair.Dialed!, new byte[1_000_000]);
            isSent = true;
        });
        pair.World.RunFor(TimeSpan.FromSeconds(3));
        Assert.False(isSent);
        Assert.InRange(pair.Near.SocketBytes + pair.Far.SocketBytes, 200_000, 400_000);
        pair.On(pair.FarLoop, () => ReceiveAsync(pair.Accepted!, received));
        pair.World.RunFor(TimeSpan.FromSeconds(3));
        Assert.True(isSent);
        Assert.Equal(1_000_000, received.Length);
    }

    [Fact]
    public void A_frozen_process_reads_nothing_but_its_kernel_is_heard()
    {
        SimulatedPair pair = new SimulatedPair(3).Connect();
        using var received = new MemoryStream();
        pair.On(pair.FarLoop, () => ReceiveAsync(pair.Accepted!, received));
        pair.World.RunFor(TimeSpan.FromMilliseconds(10));
        pair.Far.Freeze(true);
        pair.On(pair.NearLoop, () => SendAsync(pair.Dialed!, new byte[10_000]));
        pair.World.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(0, received.Length);
        Instant sentAt = pair.World.Now;
        pair.World.RunFor(TimeSpan.FromSeconds(60));
        Assert.True(pair.Dialed!.HeardAt > sentAt);
        pair.Far.Freeze(false);
        pair.World.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(10_000, received.Length);
    }

    [Fact]
    public void Where_the_far_end_vanished_the_kernel_gives_up_after_its_time()
    {
        SimulatedPair pair = new SimulatedPair(4).Connect();
        Exception? failure = null;
        pair.On(pair.NearLoop, async () => failure = await FailureAsync(pair.Dialed!));
        pair.World.RunFor(TimeSpan.FromSeconds(1));
        pair.Far.PowerOff();
        Instant silentSince = pair.World.Now;
        Assert.True(pair.World.RunUntil(() => failure is not null, TimeSpan.FromSeconds(100)));
        Assert.Contains("ETIMEDOUT", failure!.Message, StringComparison.Ordinal);
        Assert.InRange((pair.World.Now - silentSince).TotalSeconds, 30, 40);
    }

    [Fact]
    public void A_machine_that_booted_resets_connections_it_does_not_know()
    {
        SimulatedPair pair = new SimulatedPair(5).Connect();
        Exception? failure = null;
        pair.On(pair.NearLoop, async () => failure = await FailureAsync(pair.Dialed!));
        pair.World.RunFor(TimeSpan.FromSeconds(1));
        pair.Far.PowerOff();
        pair.Far.PowerOn();
        pair.On(pair.NearLoop, () => SendAsync(pair.Dialed!, new byte[10]));
        pair.World.RunFor(TimeSpan.FromSeconds(1));
        Assert.Contains("ECONNRESET", failure?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_flushed_before_the_end_still_arrives()
    {
        SimulatedPair pair = new SimulatedPair(6).Connect();
        using var received = new MemoryStream();
        bool isEnded = false;
        pair.On(pair.NearLoop, async () =>
        {
            await SendAsync(pair.Dialed!, new byte[100_000]);
            pair.Dialed!.Dispose();
        });
        pair.On(pair.FarLoop, async () =>
        {
            await ReceiveAsync(pair.Accepted!, received);
            isEnded = true;
            pair.Accepted!.Dispose();
        });
        pair.World.RunFor(TimeSpan.FromSeconds(5));
        Assert.True(isEnded);
        Assert.Equal(100_000, received.Length);
        Assert.Equal(0, pair.Near.SocketCount + pair.Far.SocketCount);
    }

    [Theory]
    [InlineData(false, "ECONNREFUSED")]
    [InlineData(true, "ETIMEDOUT")]
    public void A_dial_that_finds_nobody_says_why(bool isCut, string expected)
    {
        var pair = new SimulatedPair(7);
        pair.There.IsCut = isCut;
        pair.Dial();
        pair.World.RunFor(TimeSpan.FromSeconds(isCut ? 130 : 1));
        Assert.Contains(expected, pair.DialFailure?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dial_into_nothing_hangs_until_it_is_cancelled()
    {
        var pair = new SimulatedPair(8);
        using var cancel = new CancellationTokenSource();
        bool isCancelled = false;
        pair.There.BlocksDials = true;
        pair.On(pair.NearLoop, async () =>
        {
            try
            {
                await new SimulatedTransport(pair.NearLoop, pair.Near)
                    .DialAsync(SimulatedPair.FarAddress, cancel.Token);
            }
            catch (OperationCanceledException)
            {
                isCancelled = true;
            }
        });
        pair.World.RunFor(TimeSpan.FromSeconds(60));
        Assert.False(isCancelled);
        cancel.Cancel();
        pair.World.RunFor(TimeSpan.FromMilliseconds(1));
        Assert.True(isCancelled);
    }

    [Fact]
    public void A_cut_is_a_pause_if_it_heals_in_time()
    {
        SimulatedPair pair = new SimulatedPair(9).Connect();
        using var received = new MemoryStream();
        pair.On(pair.FarLoop, () => ReceiveAsync(pair.Accepted!, received));
        pair.World.Network.SetCut(pair.Near, pair.Far, isCut: true);
        pair.On(pair.NearLoop, () => SendAsync(pair.Dialed!, new byte[1000]));
        pair.World.RunFor(TimeSpan.FromSeconds(5));
        Assert.Equal(0, received.Length);
        pair.World.Network.SetCut(pair.Near, pair.Far, isCut: false);
        pair.World.RunFor(TimeSpan.FromSeconds(10));
        Assert.Equal(1000, received.Length);
    }

    [Fact]
    public void A_loop_that_sleeps_on_work_is_found()
    {
        var pair = new SimulatedPair(10);
        pair.NearLoop.HasWork = () => true;
        pair.NearLoop.Post(_ => { }, null);
        Assert.Throws<SimulationException>(() => pair.World.RunFor(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void A_loop_that_says_it_has_work_is_not_let_sleep()
    {
        var pair = new SimulatedPair(11);
        int left = 5;
        pair.NearLoop.EndOfIteration = () => --left > 0;
        pair.NearLoop.Post(_ => { }, null);
        pair.World.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(0, left);
        Assert.Equal(5, pair.NearLoop.Iterations);
    }

    [Fact]
    public void Whoever_touches_another_loops_timer_is_found()
    {
        var pair = new SimulatedPair(12);
        LoopTimer timer = pair.NearLoop.CreateTimer(_ => { }, null);
        pair.FarLoop.Post(_ => timer.Schedule(pair.World.Now), null);
        Assert.Throws<SimulationException>(() => pair.World.RunFor(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void Code_that_leaves_the_thread_is_found()
    {
        var pair = new SimulatedPair(13);
        pair.NearLoop.Post(
            _ =>
            {
                var thread = new Thread(() => pair.NearLoop.Post(_ => { }, null));
                thread.Start();
                thread.Join();
            },
            null);
        Assert.Throws<SimulationException>(() => pair.World.RunFor(TimeSpan.FromSeconds(1)));
    }

    private static async Task SendAsync(UnderlayConnection connection, byte[] bytes)
    {
        for (int at = 0; at < bytes.Length;)
        {
            int length = Math.Min(60_000, bytes.Length - at);
            bytes.AsSpan(at, length).CopyTo(connection.Output.GetSpan(length));
            connection.Output.Advance(length);
            at += length;
            await connection.Output.FlushAsync();
        }
    }

    private static async Task ReceiveAsync(UnderlayConnection connection, Stream target)
    {
        while (true)
        {
            ReadResult read = await connection.Input.ReadAsync();
            foreach (ReadOnlyMemory<byte> part in read.Buffer)
            {
                target.Write(part.Span);
            }

            connection.Input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    private static async Task<Exception?> FailureAsync(UnderlayConnection connection)
    {
        try
        {
            await connection.Input.ReadAsync();
            return null;
        }
        catch (IOException failure)
        {
            return failure;
        }
    }
}

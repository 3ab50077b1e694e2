using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Tunnel.Links;
using Xunit;

namespace EdgeMesh.UnitTests.Tunnel.Links;

public sealed class DialSlotsTests
{
    [Fact]
    public void As_many_as_may_get_a_place_at_once_and_the_next_waits()
    {
        DialSlots slots = new(2);
        Assert.True(slots.TakeAsync(false, false, default).IsCompletedSuccessfully);
        Assert.True(slots.TakeAsync(false, false, default).IsCompletedSuccessfully);
        Assert.False(slots.TakeAsync(false, false, default).IsCompleted);
        Assert.Equal(2, slots.Taken);
    }

    [Fact]
    public async Task Those_that_have_not_failed_go_first_and_first_addresses_before_further_ones()
    {
        DialSlots slots = new(1);
        await slots.TakeAsync(false, false, default);
        List<string> order = [];
        Task[] waiting =
        [
            TakeAsync("failed, further", true, true), TakeAsync("failed 1", true, false),
            TakeAsync("further", false, true), TakeAsync("first 1", false, false),
            TakeAsync("failed 2", true, false), TakeAsync("first 2", false, false),
        ];
        slots.Release();
        await Task.WhenAll(waiting);
        Assert.Equal(["first 1", "first 2", "further", "failed 1", "failed 2", "failed, further"], order);
        Assert.Equal(0, slots.Taken);

        async Task TakeAsync(string name, bool hasFailed, bool isFurther)
        {
            await slots.TakeAsync(hasFailed, isFurther, default);
            order.Add(name);
            slots.Release();
        }
    }

    [Fact]
    public async Task Hundred_nodes_that_are_gone_do_not_keep_one_that_is_there_waiting()
    {
        DialSlots slots = new(4);
        for (int i = 0; i < 4; i++)
        {
            await slots.TakeAsync(true, false, default);
        }

        Task[] gone = [.. Enumerable.Range(0, 96).Select(i => slots.TakeAsync(i % 2 == 0, i % 2 != 0, default))];
        Task there = slots.TakeAsync(false, false, default);
        slots.Release();
        await there;
        Assert.DoesNotContain(gone, task => task.IsCompleted);
    }

    [Fact]
    public async Task Place_of_one_that_gave_up_waiting_goes_to_the_next()
    {
        DialSlots slots = new(1);
        await slots.TakeAsync(false, false, default);
        using CancellationTokenSource cancellation = new();
        Task gaveUp = slots.TakeAsync(false, false, cancellation.Token);
        Task next = slots.TakeAsync(false, false, default);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gaveUp);
        slots.Release();
        await next;
        Assert.Equal(1, slots.Taken);
        slots.Release();
        Assert.Equal(0, slots.Taken);
    }

    [Fact]
    public async Task One_that_gave_up_before_takes_no_place()
    {
        DialSlots slots = new(1);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => slots.TakeAsync(false, false, new(canceled: true)));
        Assert.Equal(0, slots.Taken);
    }
}

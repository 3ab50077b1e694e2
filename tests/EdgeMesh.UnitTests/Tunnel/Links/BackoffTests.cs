using System;
using System.Linq;
using EdgeMesh.Tunnel.Links;
using Xunit;

namespace EdgeMesh.UnitTests.Tunnel.Links;

public sealed class BackoffTests
{
    [Fact]
    public void Waits_grow_from_a_tenth_of_a_second_to_ten_seconds()
    {
        TimeSpan[] longest = [.. Enumerable.Range(1, 20).Select(failures => Backoff.WaitAfter(failures, 0.999_999))];
        Assert.Equal(longest.Order(), longest);
        Assert.InRange(longest[0], Backoff.WaitMin, 2 * Backoff.WaitMin);
        Assert.InRange(longest[^1], TimeSpan.FromSeconds(9.9), Backoff.WaitMax);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    [InlineData(int.MaxValue)]
    public void Jitter_spreads_over_half_of_the_wait_and_stays_in_bounds(int failures)
    {
        TimeSpan least = Backoff.WaitAfter(failures, 0);
        TimeSpan most = Backoff.WaitAfter(failures, 0.999_999);
        Assert.InRange(least, Backoff.WaitMin, most);
        Assert.InRange(most, least, Backoff.WaitMax);
        Assert.InRange(most / least, 1.9, 2.01);
    }
}

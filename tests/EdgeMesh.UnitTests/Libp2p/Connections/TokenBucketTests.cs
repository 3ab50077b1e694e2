using System;
using CsCheck;
using EdgeMesh.Libp2p.Connections;
using Xunit;

namespace EdgeMesh.UnitTests.Libp2p.Connections;

public sealed class TokenBucketTests
{
    private const int Burst = 5;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    [Fact]
    public void It_agrees_with_a_count_kept_by_hand() =>
        Gen.Select(Gen.Long[0, 30_000_000], Gen.Int[0, 7]).Array[1, 60].Sample(steps =>
        {
            const long IntervalNanoseconds = 10_000_000;
            var bucket = new TokenBucket(Burst, Interval);
            long now = 1;
            long credit = Burst * IntervalNanoseconds; // nanoseconds' worth of tokens
            foreach ((long pause, int wanted) in steps)
            {
                now += pause;
                credit = Math.Min(credit + pause, Burst * IntervalNanoseconds);
                int expected = (int)Math.Min(credit / IntervalNanoseconds, wanted);
                Assert.Equal(expected, bucket.Take(now, wanted));
                credit -= expected * IntervalNanoseconds;
            }
        });

    [Fact]
    public void The_next_one_comes_when_it_says()
    {
        var bucket = new TokenBucket(Burst, Interval);
        Assert.Equal(Burst, bucket.Take(1000, 100));
        Assert.Equal(0, bucket.Take(1000, 1));
        Assert.Equal(10_001_000, bucket.NextAt());
        Assert.Equal(0, bucket.Take(bucket.NextAt() - 1, 1));
        Assert.Equal(1, bucket.Take(bucket.NextAt(), 1));
    }
}

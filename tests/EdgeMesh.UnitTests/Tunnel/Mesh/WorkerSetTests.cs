using System.Linq;
using EdgeMesh.Tunnel.Mesh;
using Xunit;

namespace EdgeMesh.UnitTests.Tunnel.Mesh;

public sealed class WorkerSetTests
{
    [Fact]
    public void Nobody_is_picked_where_nobody_else_has_a_lane()
    {
        WorkerSet holders = new();
        Assert.False(holders.TryPickOther(0, out _));
        holders.Add(5);
        Assert.False(holders.TryPickOther(5, out _));
        Assert.True(holders.Has(5));
        holders.Remove(5);
        Assert.False(holders.TryPickOther(0, out _));
        Assert.False(holders.Has(5));
    }

    [Fact]
    public void Those_without_a_lane_are_spread_and_stay_where_they_are()
    {
        WorkerSet holders = new();
        holders.Add(1);
        holders.Add(63);
        int[] picked = [.. Enumerable.Range(2, 6).Select(Pick)];
        Assert.Equal([1, 63, 1, 63, 1, 63], picked);
        Assert.Equal(picked, Enumerable.Range(2, 6).Select(Pick));
        Assert.Equal(63, Pick(1));

        int Pick(int self)
        {
            Assert.True(holders.TryPickOther(self, out int worker));
            return worker;
        }
    }
}

using System;
using System.Linq;
using EdgeMesh.Forwarding;
using Xunit;

namespace EdgeMesh.UnitTests.Forwarding;

public sealed class DropReasonTests
{
    [Fact]
    public void Each_reason_has_its_own_label_and_a_sentence()
    {
        DropReason[] reasons = Enum.GetValues<DropReason>();
        Assert.Equal(reasons.Length, DropReasons.Count);
        Assert.Equal(reasons.Length, reasons.Select(DropReasons.Label).Distinct(StringComparer.Ordinal).Count());
        foreach (DropReason reason in reasons)
        {
            Assert.Matches("^[a-z]+(_[a-z]+)*$", DropReasons.Label(reason));
            Assert.EndsWith(".", DropReasons.Explanation(reason), StringComparison.Ordinal);
        }

        Assert.DoesNotContain(DropReason.None, DropReasons.All);
        Assert.Equal(reasons.Length - 1, DropReasons.All.Count());
    }

    [Fact]
    public void Labels_are_the_reasons_names_in_snake_case()
    {
        foreach (DropReason reason in DropReasons.All.Where(reason => reason != DropReason.CoDel))
        {
            string name = $"{reason}";
            string snake = string.Concat(name.Select((c, i) => i > 0 && char.IsUpper(c) ? $"_{c}" : $"{c}"))
                .ToLowerInvariant();
            Assert.Equal(snake, DropReasons.Label(reason));
        }

        Assert.Equal("codel", DropReasons.Label(DropReason.CoDel)); // a name of its own
    }

    [Fact]
    public void Counters_balance()
    {
        var counters = new PacketCounters();
        counters.CountFromTun(100);
        counters.CountFromTun(200);
        counters.CountSent(100);
        counters.DropOut(DropReason.NoRoute);
        counters.CountReceived(50);
        counters.CountReceived(60);
        counters.CountReceived(70);
        counters.CountDelivered(50);
        counters.CountDelivered(60);
        counters.CountRefused(1);
        Assert.Equal(0, counters.OutstandingOut);
        Assert.Equal(1, counters.OutstandingIn);
        counters.DropIn(DropReason.SpoofedSource);
        Assert.Equal(0, counters.OutstandingIn);
        Assert.Equal((300, 180), (counters.FromTunBytes, counters.ReceivedBytes));
        Assert.Equal(1, counters.DroppedIn[(int)DropReason.TunError]);
        Assert.Equal(2, counters.DroppedInPackets);
        Assert.Equal(1, counters.DeliveredPackets);
    }
}

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
}

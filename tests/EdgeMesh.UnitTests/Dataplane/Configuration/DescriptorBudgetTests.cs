using System.Linq;
using EdgeMesh.Dataplane.Configuration;
using Xunit;

namespace EdgeMesh.UnitTests.Dataplane.Configuration;

public sealed class DescriptorBudgetTests
{
    [Theory]
    [InlineData(256, 32, 64)]
    [InlineData(1024, 64, 256)]
    [InlineData(int.MaxValue, 64, 256)]
    [InlineData(3, 1, 1)]
    public void Dials_get_an_eighth_and_handshakes_a_quarter_up_to_a_limit(int limit, int dials, int handshakes) =>
        Assert.Equal(new DescriptorBudget(dials, handshakes), DescriptorBudget.Of(limit));

    [Theory]
    [InlineData("Max open files            1024                 524288               files", 1024)]
    [InlineData("Max open files            unlimited            unlimited            files", int.MaxValue)]
    [InlineData("Max processes             unlimited            unlimited            processes", 1024)]
    [InlineData("", 1024)]
    public void Soft_limit_is_read_as_proc_writes_it(string line, int limit) => Assert.Equal(
        limit, DescriptorBudget.ReadLimit("Limit  Soft Limit  Hard Limit  Units\n" + line + "\nMax nice 0 0\n"));

    [Fact]
    public void Budget_never_takes_half_of_the_descriptors() => Assert.All(
        Enumerable.Range(8, 100_000), limit =>
        {
            DescriptorBudget budget = DescriptorBudget.Of(limit);
            Assert.InRange(budget.DialAttemptsMax + budget.HandshakesMax, 2, limit / 2);
        });
}

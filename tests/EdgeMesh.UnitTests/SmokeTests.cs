using Xunit;

namespace EdgeMesh.UnitTests;

public sealed class SmokeTests
{
    [Fact]
    public void Runner_runs() => Assert.True(true);
}

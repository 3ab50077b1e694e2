using System;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace EdgeMesh.ArchitectureTests;

/// <summary>Unit tests decide by themselves alone: no socket, no ring, no wait for a clock.</summary>
public sealed partial class UnitTestTests
{
    [Fact]
    public void Unit_tests_open_no_sockets_and_no_rings() => Find(
        Socket(), "a unit test opens no socket and no ring: tests/EdgeMesh.SystemTests is the place");

    [Fact]
    public void Unit_tests_do_not_sleep() => Find(
        Sleep(), "a unit test does not sleep: let simulated time jump, or await what happens");

    [Fact]
    public void No_test_asserts_what_is_always_so() => Rule.Empty(
        from source in Repository.Sources
        where source.Path.StartsWith("tests/", StringComparison.Ordinal)
        from line in source.CodeLines
        where AlwaysSo().IsMatch(line.Text)
        select $"{source}:{line.Number}: {line.Text.Trim()}",
        "the test can't fail");

    private static void Find(Regex wrong, string remedy) => Rule.Empty(
        from source in Repository.Sources
        where source.Path.StartsWith("tests/EdgeMesh.UnitTests/", StringComparison.Ordinal)
        from line in source.CodeLines
        where wrong.IsMatch(line.Text)
        select $"{source}:{line.Number}: {line.Text.Trim()}",
        remedy);

    [GeneratedRegex(
        @"\bnew (Socket|TcpClient|UdpClient|HttpClient|HttpListener|EventFd|Ring|NetlinkSocket|RouteSocket)\("
        + @"|\bSocket \w+ = new\(|\bTcpListener\b|\bTcpConnection\.Connect|\b(EventLoops|Ring)\.Open\("
        + @"|\b(ControlServer|ControlClient|MetricsServer|PerfServer)\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Socket();

    [GeneratedRegex(@"\bThread\.Sleep\(|\bTask\.Delay\(|\bSpinUntil\(", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Sleep();

    [GeneratedRegex(@"\bAssert\.(True\(" + @"true|False\(" + @"false)\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AlwaysSo();
}

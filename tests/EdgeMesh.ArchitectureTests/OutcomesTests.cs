using System.Diagnostics;
using System.IO;
using System.Text.Json;
using Xunit;

namespace EdgeMesh.ArchitectureTests;

/// <summary>What <c>.ci/outcomes</c> prints of a test program's report.</summary>
public sealed class OutcomesTests
{
    private static readonly string[] Nothing = [];

    // Everything that an XML report would have to escape, and more lines than are shown.
    private static readonly object Report = new
    {
        results = new
        {
            summary = new { passed = 3, failed = 1, skipped = 1 },
            extra = new
            {
                suites = new[]
                {
                    new { errors = new[] { new { name = "Some.Tests", message = "Dispose threw", trace = "" } } },
                },
            },
            tests = new object[]
            {
                new
                {
                    name = "Some.Tests.Fails(text: \"<&'\\n\")",
                    status = "failed",
                    message = "Expected: <![CDATA[a]]> & \"b\"\n\nActual: name=\"c\"\n3\n4\n5\n6\n7\n8\nninth line",
                    trace = "   at System.Method()\n   at Some.Tests.Fails() in "
                        + Path.Combine(Repository.Root, "tests/Some.cs") + ":line 7",
                },
                new { name = "Some.Tests.Waits", status = "skipped", message = "no jq\nhere" },
                new { name = "Some.Tests.Passes", status = "passed" },
            },
        },
    };

    [Fact]
    public void Failed_tests_are_listed_in_plain_text_with_the_message_and_where_it_was_thrown() => Assert.Equal(
        """
        Some-Debug: Some.Tests.Fails(text: "<&'\n")
            Expected: <![CDATA[a]]> & "b"
            Actual: name="c"
            3
            4
            5
            6
            7
            8
            at Some.Tests.Fails() in tests/Some.cs:line 7
        Some-Debug: Some.Tests
            Dispose threw

        """,
        Run("failed", Report));

    [Fact]
    public void Skipped_tests_are_listed_with_their_reason() =>
        Assert.Equal("Some-Debug: Some.Tests.Waits: no jq\n", Run("skipped", Report));

    [Fact]
    public void What_failed_outside_of_a_test_is_counted_as_failed() =>
        Assert.Equal("Some-Debug 3 2 1\n", Run("counts", Report));

    [Fact]
    public void Report_without_failures_lists_nothing()
    {
        var empty = new { results = new { summary = new { passed = 1, failed = 0, skipped = 0 }, tests = Nothing } };
        Assert.Equal("", Run("failed", empty));
        Assert.Equal("Some-Debug 1 0 0\n", Run("counts", empty));
    }

    private static string Run(string what, object report)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, JsonSerializer.Serialize(report));
            var start = new ProcessStartInfo(
                Path.Combine(Repository.Root, ".ci/outcomes"), [what, "Some-Debug", path])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
            };
            using Process process = Process.Start(start)!;
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
            return output;
        }
        finally
        {
            File.Delete(path);
        }
    }
}

using System;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.Dataplane.Model;
using EdgeMesh.UnitTests.Dataplane.Metrics;
using Google.Protobuf;
using Xunit;
using CliStatus = EdgeMesh.Cli.StatusReport;
using DataplaneStatus = EdgeMesh.Dataplane.Control.StatusReport;

namespace EdgeMesh.UnitTests.Dataplane.Control;

/// <summary>The control process's report: kept by the data plane, shown by the command line.</summary>
public sealed class ControlReportTests
{
    private static readonly ControlReport Sample = new()
    {
        Source = "kubernetes/uid",
        Generation = 7,
        ShardAgeSeconds = 12,
        Trust = "changed",
        Problems = { "no nft here", "no route" },
        Unreachable = { "10.244.5.0/24 and 10.244.6.0/24 don't reach each other" },
    };

    [Fact]
    public void The_last_report_is_in_the_status_with_its_age()
    {
        var reports = new ControlReports();
        Assert.Null(reports.Read());
        reports.Keep(new ControlReport { Generation = 6 });
        reports.Keep(Sample);
        Status status = DataplaneStatus.Build(MetricFamiliesTests.Filled, reports.Read());
        Assert.Equal(Sample, status.ControlReport);
        Assert.InRange(status.ControlReportAgeSeconds, 0, 60);
        Assert.Null(DataplaneStatus.Build(MetricFamiliesTests.Filled).ControlReport);
    }

    [Fact]
    public void What_is_over_the_limits_is_left_out()
    {
        var large = new ControlReport { Trust = new string('t', 5000) };
        large.Problems.AddRange(Enumerable.Repeat(new string('p', 5000), 500));
        var reports = new ControlReports();
        reports.Keep(large);
        ControlReport kept = reports.Read()!.Value.Report;
        Assert.Equal(ControlLimits.ReportLinesMax, kept.Problems.Count);
        Assert.Equal(ControlLimits.ReportCharsMax, kept.Problems[0].Length);
        Assert.Equal(ControlLimits.ReportCharsMax, kept.Trust.Length);
    }

    [Fact]
    public void The_command_line_shows_source_trust_problems_and_what_is_out_of_reach()
    {
        string table = Table(new Status { ControlReport = Sample, ControlReportAgeSeconds = 1 });
        Assert.Contains("kubernetes/uid, generation 7, last heard 12", table, StringComparison.Ordinal);
        Assert.Contains("edgemesh trust NODE", table, StringComparison.Ordinal);
        Assert.Contains("no nft here", table, StringComparison.Ordinal);
        Assert.Contains("no route", table, StringComparison.Ordinal);
        Assert.Contains("10.244.5.0/24 and 10.244.6.0/24", table, StringComparison.Ordinal);
        Assert.DoesNotContain("; said", table, StringComparison.Ordinal);
        Assert.Contains(
            "; said", Table(new Status { ControlReport = Sample, ControlReportAgeSeconds = 100 }),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_status_of_an_older_data_plane_has_no_report_and_is_shown_all_the_same()
    {
        string table = Table(new Status { Node = "a" });
        Assert.DoesNotContain("trust", table, StringComparison.Ordinal);
        Assert.DoesNotContain("controlReport", Json(new Status { Node = "a" }), StringComparison.Ordinal);
    }

    [Fact]   // a later control process says more
    public void Fields_of_a_later_version_are_skipped()
    {
        byte[] later = [.. Sample.ToByteArray(), 0xFA, 0x3F, 0x01, 0x41]; // field 1023, one byte
        ControlReport read = ControlReport.Parser.ParseFrom(later);
        var reports = new ControlReports();
        reports.Keep(read);
        Assert.Equal(Sample, reports.Read()!.Value.Report);
    }

    [Fact]
    public void JSON_has_the_report_as_an_object()
    {
        using var json = JsonDocument.Parse(Json(new Status { ControlReport = Sample, ControlReportAgeSeconds = 1 }));
        JsonElement report = json.RootElement.GetProperty("controlReport");
        Assert.Equal(7, report.GetProperty("generation").GetInt32());
        Assert.Equal("changed", report.GetProperty("trust").GetString());
        Assert.Equal(2, report.GetProperty("problems").GetArrayLength());
        Assert.Equal(1, report.GetProperty("unreachable").GetArrayLength());
    }

    private static string Table(Status status)
    {
        var text = new StringWriter();
        new CliStatus().WriteTable(status, text, 400);
        return text.ToString();
    }

    private static string Json(Status status)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            new CliStatus().WriteJson(status, json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}

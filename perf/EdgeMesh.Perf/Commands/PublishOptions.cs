using System.Collections.Generic;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.IO;
using EdgeMesh.Perf.Reporting;
using EdgeMesh.Perf.Results;
using EdgeMesh.Perf.Thresholds;

namespace EdgeMesh.Perf.Commands;

/// <summary>Options of every verb that makes a report: <c>--output --out --hdr --fail-if --compare
/// --max-regression</c>.</summary>
internal sealed class PublishOptions
{
    private const double MaxRegressionDefault = 5;

    private readonly Option<string> _output = new("--output", "-o")
    {
        Description = "table for people, json for report and compare, jsonl with a line per interval, csv, md, html",
        DefaultValueFactory = _ => "table",
    };

    private readonly Option<string> _out = new("--out")
    {
        Description = "write the report to this file instead, and a table to the standard output; "
            + "without --output, its suffix sets the format",
        HelpName = "FILE",
        DefaultValueFactory = _ => "",
    };

    private readonly Option<string> _hdr = new("--hdr")
    {
        Description = "write all delays, nanoseconds, as an HdrHistogram V2 log",
        HelpName = "FILE",
        DefaultValueFactory = _ => "",
    };

    private readonly Option<Threshold[]> _failIf = new("--fail-if")
    {
        Description =
            "exit code 1 if this holds: 'p99>5ms', 'loss>0.1%', 'edgemesh/tcp:throughput<0.25x'; may be repeated",
        HelpName = "[VIA/][TEST:]METRIC<>VALUE",
        DefaultValueFactory = _ => [],
        CustomParser = ParseThresholds,
    };

    private readonly Option<string> _compare = new("--compare")
    {
        Description = "compare with this older report; exit code 1 on a regression",
        HelpName = "OLD.json",
        DefaultValueFactory = _ => "",
    };

    private readonly Option<double> _maxRegression = new("--max-regression")
    {
        Description = "how much worse a median may be, percent, if it is beyond noise",
        HelpName = "PERCENT",
        DefaultValueFactory = _ => MaxRegressionDefault,
        CustomParser = ParsePercent,
    };

    /// <summary>All.</summary>
    public PublishOptions() => _output.AcceptOnlyFromAmong("table", "json", "jsonl", "csv", "md", "html");

    /// <summary>Gives a verb these options.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_output);
        command.Options.Add(_out);
        command.Options.Add(_hdr);
        command.Options.Add(_failIf);
        command.Options.Add(_compare);
        command.Options.Add(_maxRegression);
    }

    /// <summary>What was written.</summary>
    /// <exception cref="PerfException">
    /// A file can't be what it is named for: better known before a measurement than after it.
    /// </exception>
    public PublishSettings Read(ParseResult parsed)
    {
        string path = parsed.GetValue(_out)!;
        string hdr = parsed.GetValue(_hdr)!;
        string compare = parsed.GetValue(_compare)!;
        RequireFolder("--out", path);
        RequireFolder("--hdr", hdr);
        OutputFormat format = parsed.GetValue(_output) switch
        {
            "json" => OutputFormat.Json,
            "jsonl" => OutputFormat.Jsonl,
            "csv" => OutputFormat.Csv,
            "md" => OutputFormat.Markdown,
            "html" => OutputFormat.Html,
            _ => path.Length == 0 ? OutputFormat.Table : ReportWriter.FormatOf(path, OutputFormat.Table),
        };
        return new PublishSettings
        {
            Format = format,
            OutPath = path,
            HdrPath = hdr,
            Thresholds = parsed.GetValue(_failIf)!,
            Before = compare.Length > 0 ? ReportFile.Read(compare) : null,
            MaxRegressionPercent = parsed.GetValue(_maxRegression),
        };
    }

    /// <summary>A percentage: <c>5</c> or <c>5%</c>.</summary>
    public static double ParsePercent(ArgumentResult result)
    {
        string word = result.Tokens[0].Value;
        if (double.TryParse(
            word.TrimEnd('%'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double percent)
            && double.IsFinite(percent))
        {
            return percent;
        }

        result.AddError($"{word}: write a percentage, for example 5%");
        return MaxRegressionDefault;
    }

    private static void RequireFolder(string option, string path)
    {
        if (path.Length > 0 && Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
        {
            throw new PerfException($"{option} {path}: there is no directory {folder}; create it");
        }
    }

    private static Threshold[] ParseThresholds(ArgumentResult result)
    {
        var thresholds = new List<Threshold>();
        foreach (Token token in result.Tokens)
        {
            if (Threshold.Parse(token.Value, out string problem) is { } threshold)
            {
                thresholds.Add(threshold);
            }
            else
            {
                result.AddError($"--fail-if '{token.Value}': {problem}");
            }
        }

        return [.. thresholds];
    }
}

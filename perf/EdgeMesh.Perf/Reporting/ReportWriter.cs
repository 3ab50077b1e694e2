using System;
using System.IO;
using System.Text.Json;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Reporting;

/// <summary>Writes a report in any of the formats.</summary>
internal static class ReportWriter
{
    /// <summary>Writes it.</summary>
    public static void Write(TextWriter output, PerfReport report, OutputFormat format)
    {
        switch (format)
        {
            case OutputFormat.Json:
                output.WriteLine(ReportFile.Write(report));
                break;
            case OutputFormat.Jsonl:
                WriteLines(output, report);
                break;
            case OutputFormat.Csv:
                CsvReport.Write(output, report);
                break;
            case OutputFormat.Markdown:
                MarkdownReport.Write(output, report);
                break;
            case OutputFormat.Html:
                HtmlReport.Write(output, report);
                break;
            default:
                TextReport.Write(output, report);
                break;
        }
    }

    /// <summary>Writes it to a file.</summary>
    /// <exception cref="PerfException">The file can't be written.</exception>
    public static void WriteFile(string path, PerfReport report, OutputFormat format)
    {
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { Length: > 0 } directory)
            {
                Directory.CreateDirectory(directory);
            }

            using var file = new StreamWriter(path);
            Write(file, report, format);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PerfException(
                $"{path} can't be written ({e.Message}); name a file in a directory that is yours", e);
        }
    }

    /// <summary>The format that a file's name asks for; the given one if it asks for none.</summary>
    public static OutputFormat FormatOf(string path, OutputFormat otherwise) => Path.GetExtension(path) switch
    {
        ".json" => OutputFormat.Json,
        ".jsonl" => OutputFormat.Jsonl,
        ".csv" => OutputFormat.Csv,
        ".md" => OutputFormat.Markdown,
        ".html" or ".htm" => OutputFormat.Html,
        ".txt" => OutputFormat.Table,
        _ => otherwise,
    };

    private static void WriteLines(TextWriter output, PerfReport report)
    {
        foreach (PerfResult result in report.Results)
        {
            output.WriteLine($$"""{"result":{{JsonSerializer.Serialize(result, LineJson.Default.PerfResult)}}}""");
        }

        output.WriteLine($$"""{"meta":{{JsonSerializer.Serialize(report.Meta, LineJson.Default.ReportMeta)}}}""");
    }
}

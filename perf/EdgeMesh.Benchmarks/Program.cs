using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using EdgeMesh.Benchmarks.Comparing;
using EdgeMesh.Benchmarks.Routing;
using Measurement = EdgeMesh.Benchmarks.Comparing.Measurement;

// routing [PREFIXES]...: the routing tables' figures in half a minute.
// [--compare FILE] [--write-baseline FILE] OPTIONS: BenchmarkDotNet's options, such as `--filter *Routing* --job
// short`. Exit codes: 0; 1 if something became worse than the baseline; 2 if nothing ran.
if (args is ["routing", .. string[] counts])
{
    RoutingReport.Run(Console.Out, counts.Length == 0 ? RoutingReport.DefaultCounts : [.. counts.Select(int.Parse)]);
    return 0;
}

List<string> options = [.. args];
string? compareWith = Take("--compare");
string? writeTo = Take("--write-baseline");
options.Add("--inProcess"); // a project of its own for each would need all our settings again, and takes minutes
// What could fail without a figure fails before minutes of measuring.
Baseline? baseline = compareWith is null ? null : Baseline.Read(compareWith);
if (writeTo is not null)
{
    Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(writeTo))!);
    bool isNew = !File.Exists(writeTo);
    File.Open(writeTo, FileMode.OpenOrCreate, FileAccess.Write).Dispose();
    if (isNew)
    {
        File.Delete(writeTo); // an empty one would stand in the way of the next comparison
    }
}

IReadOnlyList<Summary> summaries =
    [.. BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run([.. options])];
if (!summaries.Any(summary => summary.Reports.Any(report => report.Success)))
{
    Console.Error.WriteLine("nothing ran: `--list flat` names the benchmarks, --filter '*' takes all");
    return 2;
}

var now = Baseline.Of(summaries);
for (int again = 0; again < 2 && baseline is not null; again++)
{
    IReadOnlyList<Measurement> worse = Comparison.Worse(baseline, now);
    if (worse.Count == 0)
    {
        break;
    }

    now = now.Best(Baseline.Of(
        [.. BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(OptionsFor(worse))]));
}

if (writeTo is not null)
{
    now.Write(writeTo);
}

return baseline is not null && Comparison.Print(Console.Out, baseline, now) > 0 ? 1 : 0;

// The same options, with the filter of these alone. A benchmark is run with all its parameters.
string[] OptionsFor(IReadOnlyList<Measurement> measurements)
{
    int at = options.IndexOf("--filter");
    int values = at < 0 ? 0 : options.Skip(at + 1).TakeWhile(each => !each.StartsWith('-')).Count();
    return
    [
        .. options.Where((_, i) => at < 0 || i < at || i > at + values),
        "--filter",
        .. measurements.Select(each => $"*.{each.Name.Split('(')[0]}").Distinct(StringComparer.Ordinal),
    ];
}

string? Take(string name)
{
    int at = options.IndexOf(name);
    if (at < 0)
    {
        return null;
    }

    string value = at + 1 < options.Count
        ? options[at + 1] : throw new InvalidOperationException($"{name}: give a file");
    options.RemoveRange(at, 2);
    return value;
}

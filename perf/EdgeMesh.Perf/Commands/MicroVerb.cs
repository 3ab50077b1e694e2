using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Perf.Micro;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Commands;

/// <summary><c>edgemesh-perf micro</c>: what each packet costs in this processor, without a network.</summary>
internal static class MicroVerb
{
    private const int SamplesDefault = 10;
    private const int SamplesMax = 1000;
    private const double SampleSecondsDefault = 0.05;

    /// <summary>The verb.</summary>
    public static Command Build(Terminal terminal)
    {
        var samples = new Option<int>("--samples")
        {
            Description = "samples of each operation, taken in turn",
            HelpName = "N",
            DefaultValueFactory = _ => SamplesDefault,
            CustomParser = result =>
            {
                string word = result.Tokens[0].Value;
                if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                    && number is > 0 and <= SamplesMax)
                {
                    return number;
                }

                result.AddError($"--samples {word}: write a number from 1 to {SamplesMax}");
                return SamplesDefault;
            },
        };
        Option<TimeSpan> duration =
            RunOptions.Duration("--duration", "-t", "time of each sample", SampleSecondsDefault);
        var publish = new PublishOptions();
        var command = new Command(
            "micro", "Times the packet path's operations in this process: lookup, cipher, capsules, forwarder; ns "
                + "and bytes per operation.")
        {
            samples, duration,
        };
        publish.AddTo(command);
        command.SetAction((parsed, stop) =>
        {
            ReportMeta meta = Circumstances.Read(string.Join(' ', parsed.Tokens.Select(token => token.Value)));
            using var operations = new MicroOperations();
            IReadOnlyList<PerfResult> results = MicroRun.Measure(
                operations.All(), parsed.GetValue(samples), parsed.GetValue(duration), stop);
            var report = new PerfReport { Meta = meta with { Placement = "in one process" }, Results = results };
            return Task.FromResult(Publisher.Publish(report, publish.Read(parsed), terminal));
        });
        return command;
    }
}

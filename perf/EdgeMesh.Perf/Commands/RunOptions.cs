using System;
using System.Collections.Generic;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Linq;
using EdgeMesh.Perf.Measuring;
using EdgeMesh.Perf.Measuring.Protocol;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Commands;

/// <summary>Options of the verbs that measure between two ends.</summary>
internal sealed class RunOptions
{
    private const int SamplesMax = 1000;
    private const int SizesMax = 64;

    private readonly Option<string> _to = new("--to", "-c")
    {
        Description = $"the edgemesh-perf server; port {MeasuringLimits.PortDefault} unless named",
        HelpName = "ADDRESS[:PORT]",
        Required = true,
    };

    private readonly Option<TimeSpan> _duration = Duration("--duration", "-t", "measured time of each sample", 10);
    private readonly Option<TimeSpan> _omit =
        Duration("--omit", "-O", "time at the beginning of each sample that is not counted", 0);
    private readonly Option<TimeSpan> _warmup = Duration("--warmup", null, "a run before the samples, not counted", 0);
    private readonly Option<TimeSpan> _interval =
        Duration("--interval", "-i", "time between two lines of progress", 1);
    private readonly Option<int> _samples =
        Number("--samples", "repetitions; compare needs 4 to tell a change from noise", 1, 1, SamplesMax);
    private readonly Option<int> _streams = Number("--streams", "flows", 1, 1, MeasuringLimits.StreamsMax, "-P");
    private readonly Option<bool> _reverse = new("--reverse", "-R") { Description = "the server sends" };
    private readonly Option<bool> _bidir = new("--bidir") { Description = "both send" };
    private readonly Option<bool> _noNoise = new("--no-noise")
    {
        Description = "do not measure how quiet the machine is: for a program that has done so and runs this often",
        Hidden = true,
    };

    private readonly Option<int> _seed = Number("--seed", "seed of the random payload", 1, int.MinValue, int.MaxValue);
    private readonly Option<int> _segments = Number(
        "--segments", "datagrams handed to the kernel in one send (UDP GSO)", 1, 1, MeasuringLimits.SegmentsPerSendMax);
    private readonly Option<string> _rate =
        Text("--rate", "RATE", "packets or requests per second (5000, 20k/s), or payload (100Mbit/s), of all flows");
    private readonly Option<string> _congestion =
        Text("--congestion", "NAME", "TCP congestion control: cubic, bbr, ...; by default the machine's", "-C");
    private readonly Option<string> _device =
        Text("--device", "NAME", "exit code 3 unless the route to the server leaves by this device, before and after");
    private readonly Option<string> _affinity =
        Text("--cpu-affinity", "LIST", "processors for this program: 0, 0-1, 0,2", "-A");
    private readonly Option<string> _via = new("--via")
    {
        Description = "what to call the path in the report (lab measures alternatives beside each other)",
        HelpName = "LABEL",
        DefaultValueFactory = _ => PerfResult.Direct,
    };

    private readonly Option<int[]> _sizes = new("--msg-size", "-l")
    {
        Description = "bytes of a write, datagram or request: one or a list, 64,512,1400,8K",
        HelpName = "LIST",
        DefaultValueFactory = _ => [],
        CustomParser = ParseSizes,
    };

    private readonly Option<int[]> _response = new("--response-size")
    {
        Description = "bytes of a response; by default as many as the request",
        HelpName = "BYTES",
        DefaultValueFactory = _ => [],
        CustomParser = ParseSizes,
    };

    private readonly Option<string> _protocol = new("--protocol")
    {
        Description = "tcp or udp",
        DefaultValueFactory = _ => "tcp",
    };

    private readonly Option<string> _count = new("--count")
    {
        Description =
            "who counts datagrams that arrive: program, or kernel (its counters; no reader competes for the "
            + "processors)",
        DefaultValueFactory = _ => "program",
    };

    private readonly PublishOptions _publish = new();

    /// <summary>All.</summary>
    public RunOptions()
    {
        _protocol.AcceptOnlyFromAmong("tcp", "udp");
        _count.AcceptOnlyFromAmong("program", "kernel");
    }

    /// <summary>Gives a verb the options that all have, and those of its kind.</summary>
    public void AddTo(Command command, bool isBulk, bool isUdp, bool hasProtocol)
    {
        Option[] common =
        [
            _to, _duration, _omit, _warmup, _interval, _samples, _streams, _sizes, _rate, _via, _device, _affinity,
                _seed, _noNoise,
        ];
        Option[] bulk = isBulk ? [_reverse, _bidir] : [_response];
        Option[] own = isUdp ? [_segments, _count] : [_congestion];
        foreach (Option option in common.Concat(bulk).Concat(own).Concat(hasProtocol ? [_protocol] : []))
        {
            command.Options.Add(option);
        }

        _publish.AddTo(command);
    }

    /// <summary>What was written.</summary>
    /// <exception cref="PerfException">Two options exclude each other.</exception>
    public RunSettings Read(ParseResult parsed)
    {
        if (parsed.GetValue(_reverse) && parsed.GetValue(_bidir))
        {
            throw new PerfException("--reverse and --bidir: with --bidir both ends send; leave --reverse out");
        }

        CpuAffinity.Apply(parsed.GetValue(_affinity) ?? "");
        return new RunSettings
        {
            To = parsed.GetValue(_to)!,
            Duration = parsed.GetValue(_duration),
            Omit = parsed.GetValue(_omit),
            Warmup = parsed.GetValue(_warmup),
            Interval = parsed.GetValue(_interval),
            Samples = parsed.GetValue(_samples),
            Streams = parsed.GetValue(_streams),
            Direction = parsed.GetValue(_bidir) ? FlowDirection.Both
                : parsed.GetValue(_reverse) ? FlowDirection.Down : FlowDirection.Up,
            Sizes = parsed.GetValue(_sizes) ?? [],
            ResponseBytes = parsed.GetValue(_response) is [int bytes, ..] ? bytes : null,
            Rate = parsed.GetValue(_rate) ?? "",
            Via = parsed.GetValue(_via) ?? PerfResult.Direct,
            Device = parsed.GetValue(_device) ?? "",
            Seed = parsed.GetValue(_seed),
            IsNoiseKnown = parsed.GetValue(_noNoise),
            Congestion = parsed.GetValue(_congestion) ?? "",
            IsUdp = parsed.GetValue(_protocol) == "udp",
            SegmentsPerSend = Math.Max(1, parsed.GetValue(_segments)),
            Counting = parsed.GetValue(_count) == "kernel" ? ArrivalCounting.Kernel : ArrivalCounting.Program,
            Publish = _publish.Read(parsed),
        };
    }

    /// <summary>An option that takes a duration; seconds without a unit.</summary>
    public static Option<TimeSpan> Duration(string name, string? alias, string description, double seconds)
    {
        var option = new Option<TimeSpan>(name)
        {
            Description = $"{description}: 10, 10s, 500ms, 2m",
            HelpName = "TIME",
            DefaultValueFactory = _ => TimeSpan.FromSeconds(seconds),
            CustomParser = result =>
            {
                if (UnitText.TryDuration(result.Tokens[0].Value, out TimeSpan duration))
                {
                    return duration;
                }

                result.AddError($"{name} {result.Tokens[0].Value}: write a time: 10, 10s, 500ms, 2m");
                return default;
            },
        };
        if (alias is not null)
        {
            option.Aliases.Add(alias);
        }

        return option;
    }

    private static Option<string> Text(string name, string help, string description, string? alias = null)
    {
        var option = new Option<string>(name)
        {
            Description = description,
            HelpName = help,
            DefaultValueFactory = _ => "",
        };
        if (alias is not null)
        {
            option.Aliases.Add(alias);
        }

        return option;
    }

    private static Option<int> Number(
        string name, string description, int value, int min, int max, string? alias = null)
    {
        var option = new Option<int>(name)
        {
            Description = description,
            HelpName = "N",
            DefaultValueFactory = _ => value,
            CustomParser = result =>
            {
                string word = result.Tokens[0].Value;
                if (int.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
                    && number >= min && number <= max)
                {
                    return number;
                }

                result.AddError($"{name} {word}: write a number from {min} to {max}");
                return value;
            },
        };
        if (alias is not null)
        {
            option.Aliases.Add(alias);
        }

        return option;
    }

    private static int[] ParseSizes(ArgumentResult result)
    {
        var sizes = new List<int>();
        foreach (string word in result.Tokens[0].Value.Split(','))
        {
            if (UnitText.TrySize(word, out int bytes) && sizes.Count < SizesMax)
            {
                sizes.Add(bytes);
            }
            else
            {
                result.AddError($"{word}: write sizes in bytes, at most {SizesMax}: 64,512,1400,8K");
                return [];
            }
        }

        return [.. sizes];
    }
}

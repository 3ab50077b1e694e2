using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Perf.Measuring.Asking;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Commands;

/// <summary>What the verbs that measure between two ends share: circumstances, path, samples, report.</summary>
internal static class RunCommand
{
    /// <summary>Makes a verb.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it does.</param>
    /// <param name="terminal">Where it writes.</param>
    /// <param name="kind">Which options it has: bulk, udp, protocol.</param>
    /// <param name="measure">Measures all its results.</param>
    public static Command Build(
        string name,
        string description,
        Terminal terminal,
        (bool IsBulk, bool IsUdp, bool HasProtocol) kind,
        Func<RunContext, IReadOnlyList<PerfResult>> measure)
    {
        var options = new RunOptions();
        var command = new Command(name, description);
        options.AddTo(command, kind.IsBulk, kind.IsUdp, kind.HasProtocol);
        command.SetAction((parsed, stop) =>
        {
            RunSettings settings = options.Read(parsed);
            string words = string.Join(' ', parsed.Tokens.Select(token => token.Value));
            return Task.FromResult(Run(settings, words, terminal, measure, stop));
        });
        return command;
    }

    private static int Run(
        RunSettings settings,
        string words,
        Terminal terminal,
        Func<RunContext, IReadOnlyList<PerfResult>> measure,
        CancellationToken stop)
    {
        var target = PerfTarget.Resolve(settings.To);
        string device = DeviceOf(target);
        if (settings.Device.Length > 0 && device != settings.Device)
        {
            return Differed(terminal, target, settings.Device, device);
        }

        ReportMeta meta = Circumstances.Read(
            words, target, device, settings.Congestion, withNoise: !settings.IsNoiseKnown);
        using var progress = new ProgressLines(terminal, settings.Publish.Format);
        var context = new RunContext(settings, target, progress, stop);
        IReadOnlyList<PerfResult> results = measure(context);
        string[] missing = [.. context.Failures.Select(failure => $"a step is missing: {failure}")];
        meta = meta with { Notes = [.. meta.Notes, .. missing] };
        int code = Publisher.Publish(new PerfReport { Meta = meta, Results = results }, settings.Publish, terminal);
        string after = DeviceOf(target);
        if (settings.Device.Length > 0 && after != settings.Device)
        {
            return Differed(terminal, target, settings.Device, after);
        }

        if (missing.Length > 0)
        {
            terminal.Errors.WriteLine($"edgemesh-perf: {missing.Length} steps are missing, the report's notes say why");
        }

        return code == ExitCodes.Success && missing.Length > 0 ? ExitCodes.CannotRun : code;
    }

    private static string DeviceOf(PerfTarget target) => RouteDevice.To(target.EndPoint.Address);

    private static int Differed(Terminal terminal, PerfTarget target, string wanted, string device)
    {
        terminal.Errors.WriteLine(
            $"edgemesh-perf: the route to {target.EndPoint.Address} leaves by "
                + $"{(device.Length > 0 ? device : "no device")}, "
            + $"not by {wanted}; see ip route get {target.EndPoint.Address}");
        return ExitCodes.PathDiffered;
    }
}

using System;
using System.CommandLine;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.ControlPlane;
using EdgeMesh.ControlPlane.Controller;
using EdgeMesh.ControlPlane.Kernel;
using EdgeMesh.ControlPlane.Uninstall;
using EdgeMesh.Logging;
using EdgeMesh.Metrics;

var tun = new Option<string>("--tun")
{
    Description = "name of the TUN link",
    DefaultValueFactory = _ => KernelMarks.LinkNameDefault,
};
var level = new Option<string>("--log-level")
{
    Description = "error, warn, info or debug",
    DefaultValueFactory = _ => "info",
};
level.AcceptOnlyFromAmong("error", "warn", "info", "debug");
Command run = RunCommand.Build(tun, level, (options, named, cancel) => ExecuteAsync(
    named, cancel, (log, stop) => ControlProcess.RunAsync(options, log, stop)));

Command cleanup = CleanupCommand.Create(tun, level, ExecuteAsync);
Command uninstall = UninstallCommand.Create(level, (least, options, cancel) =>
    ExecuteAsync(least, cancel, (log, stop) => UninstallCommand.RunAsync(options, log, stop)));
Command controller = ControllerCommand.Create(level, (least, options, cancel) =>
    ExecuteAsync(least, cancel, (log, stop) => ControllerProcess.RunAsync(options, log, stop)));

var root = new RootCommand("EdgeMesh control process: desired state in, kernel and data plane follow.")
{
    run, controller, cleanup, uninstall,
};
ParseResult result = root.Parse(args);
if (result.Errors.Count > 0)
{
    await result.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    return ExitCodes.Usage;
}

// Signals are handled here, so that ending is orderly and its exit code ours.
return await result.InvokeAsync(
    new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });

static async Task<int> ExecuteAsync(
    string level, CancellationToken cancel, Func<StructuredLog, CancellationToken, Task<int>> action)
{
    var log = new StructuredLog(Console.Error,
        StructuredLog.TryParseLevel(level, out LogLevel known) ? known : LogLevel.Info);
    using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
    void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        stop.Cancel();
    }

    using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    try
    {
        return await action(log, stop.Token);
    }
    catch (OperationCanceledException) when (stop.IsCancellationRequested)
    {
        return ExitCodes.Success;
    }
    catch (Exception e) when (e is IOException or UnauthorizedAccessException or MetricsServerException)
    {
        log.Error("control_failed", ("problem", e.Message));
        return ExitCodes.Failure;
    }
}

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
var node = new Option<string>("--node") { Description = "name of this node, as mesh.yaml has it", Required = true };
var mesh = new Option<string>("--mesh") { Description = "mesh.yaml; watched", Required = true };
var socket = new Option<string>("--socket") { Description = "control socket of edgemesh-dataplane", Required = true };
var state = new Option<string?>("--state")
{
    Description = "directory that keeps generation and last good document over restarts",
};

var run = new Command("run", "Keeps data plane and kernel at the state that mesh.yaml describes.")
{
    node, mesh, socket, state, tun, level,
};
run.SetAction((parsed, cancel) => ExecuteAsync(parsed.GetValue(level)!, cancel, (log, stop) => ControlProcess.RunAsync(
    new RunOptions(
        parsed.GetValue(node)!,
        parsed.GetValue(mesh)!,
        parsed.GetValue(socket)!,
        parsed.GetValue(state),
        parsed.GetValue(tun)!,
        log.Level),
    log,
    stop)));

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
    catch (Exception e) when (e is IOException or UnauthorizedAccessException)
    {
        log.Error("control_failed", ("problem", e.Message));
        return ExitCodes.Failure;
    }
}

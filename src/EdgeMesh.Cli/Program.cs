using System;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using EdgeMesh.Cli;
using EdgeMesh.Cli.Commands;

// Buffered: 100 000 routes are not 100 000 system calls. What is written is flushed by whoever wrote a whole answer.
await using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 64 * 1024);
var terminal = new Terminal(
    output,
    Console.Error,
    Console.IsOutputRedirected ? Terminal.ColumnsRedirected : Math.Max(Console.WindowWidth, Terminal.ColumnsMin));
using var stop = new CancellationTokenSource();
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
return await CommandLine.RunAsync(args, terminal, stop.Token);

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}

using System;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using EdgeMesh.Perf;
using EdgeMesh.Perf.Commands;

await using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 64 * 1024);
var terminal = new Terminal(output, Console.Error, !Console.IsErrorRedirected);
using var stop = new CancellationTokenSource();
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
return await CommandLine.RunAsync(args, terminal, stop.Token);

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}

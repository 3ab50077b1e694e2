using System;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.ControlPlane.Kernel;

/// <summary>Runs nft, the one program we need beside our own.</summary>
internal static class NftCommand
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
    private static readonly string[] Directories = ["/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin", "/bin"];

    /// <summary>Runs nft.</summary>
    /// <param name="input">Its standard input; null: none.</param>
    /// <param name="cancel">Stops it.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>Exit code, standard output, and the first line of what it complained of.</returns>
    /// <exception cref="KernelStateException">It can't be run.</exception>
    internal static async Task<(int ExitCode, string Output, string Complaint)> RunAsync(
        string? input, CancellationToken cancel, params string[] arguments)
    {
        string path = Directories.Select(directory => Path.Combine(directory, "nft")).FirstOrDefault(File.Exists)
            ?? "nft";
        using var process = new Process();
        process.StartInfo = new ProcessStartInfo(path, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            throw new KernelStateException(
                "nft can't be run, so other CNIs may masquerade pods' addresses: install the nftables package", e);
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(Timeout);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            Task<string> errors = process.StandardError.ReadToEndAsync(deadline.Token);
            await FeedAsync(process, input, deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            string complaint = (await errors).Split('\n')[0].Trim();
            return (process.ExitCode, await output, complaint);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            process.Kill();
            throw new KernelStateException(
                $"nft did not end within {Timeout.TotalSeconds} s: see whether another program holds nftables");
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }

    private static async Task FeedAsync(Process process, string? input, CancellationToken cancel)
    {
        try
        {
            if (input is not null)
            {
                await process.StandardInput.WriteAsync(input.AsMemory(), cancel);
            }

            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended without reading all; its exit code and complaint tell why.
        }
    }
}

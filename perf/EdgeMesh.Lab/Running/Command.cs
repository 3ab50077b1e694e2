using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.Lab.Running;

/// <summary>Runs a program to its end, with a bound on time.</summary>
public static class Command
{
    /// <summary>How long a command may take unless told otherwise.</summary>
    public static readonly TimeSpan TimeoutDefault = TimeSpan.FromSeconds(30);

    /// <summary>Runs the program and collects what it writes. A program that overstays is killed.</summary>
    /// <param name="words">The program and its arguments.</param>
    /// <param name="input">What it reads on stdin; nothing if null.</param>
    /// <param name="timeout">At most this long; <see cref="TimeoutDefault"/> if null.</param>
    /// <param name="cancellation">Ends the program.</param>
    /// <exception cref="LabException">The program is missing, or took too long.</exception>
    public static async Task<CommandResult> RunAsync(
        IReadOnlyList<string> words,
        string? input = null,
        TimeSpan? timeout = null,
        CancellationToken cancellation = default)
    {
        using Process process = Start(words);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(timeout ?? TimeoutDefault);
        Task<string> output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        Task<string> errorOutput = process.StandardError.ReadToEndAsync(CancellationToken.None);
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input);
        }

        process.StandardInput.Close();
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException late)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
            cancellation.ThrowIfCancellationRequested();
            throw new LabException($"`{string.Join(' ', words)}` took longer than {timeout ?? TimeoutDefault}", late);
        }

        return new CommandResult(string.Join(' ', words), process.ExitCode, await output, await errorOutput);
    }

    private static Process Start(IReadOnlyList<string> words)
    {
        var start = new ProcessStartInfo(words[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        for (int i = 1; i < words.Count; i++)
        {
            start.ArgumentList.Add(words[i]);
        }

        try
        {
            return Process.Start(start) ?? throw new LabException($"`{words[0]}` did not start");
        }
        catch (Win32Exception missing)
        {
            throw new LabException($"`{words[0]}` cannot be started: {missing.Message}; `make` installs it", missing);
        }
    }
}

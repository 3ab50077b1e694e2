using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Tmds.Linux;

namespace EdgeMesh.Lab.Running;

/// <summary>A long-lived process of the lab. Its output goes to files, so that it survives the lab's own end.</summary>
public sealed class LabProcess : IAsyncDisposable
{
    /// <summary>After SIGTERM a process gets this long before SIGKILL.</summary>
    public static readonly TimeSpan GraceDefault = TimeSpan.FromSeconds(3);

    private const int StopSignal = 19; // SIGSTOP and SIGCONT of asm-generic/signal.h
    private const int ContinueSignal = 18;
    private readonly Process _process;
    private bool _isDisposed;

    private LabProcess(string name, Process process, string outputPath, string errorPath)
    {
        Name = name;
        _process = process;
        OutputPath = outputPath;
        ErrorPath = errorPath;
        Id = process.Id;
        StartedAt = Stopwatch.GetTimestamp();
    }

    /// <summary>What the lab calls it.</summary>
    public string Name { get; }

    /// <summary>Its process id: that of the program itself, not of a wrapper.</summary>
    public int Id { get; }

    /// <summary>File with what it wrote on stdout.</summary>
    public string OutputPath { get; }

    /// <summary>File with what it wrote on stderr: its log.</summary>
    public string ErrorPath { get; }

    /// <summary>When it was started, as a <see cref="Stopwatch"/> timestamp.</summary>
    public long StartedAt { get; }

    /// <summary>Whether it still runs.</summary>
    public bool IsRunning => !_process.HasExited;

    /// <summary>Its exit code; 128 + signal if a signal ended it. Only after its end.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Everything it has logged so far.</summary>
    public string Log => ReadShared(ErrorPath);

    /// <summary>Everything it has written on stdout so far.</summary>
    public string Output => ReadShared(OutputPath);

    /// <summary>Starts a process; output is appended to <c>NAME.out</c> and <c>NAME.log</c> in the directory.</summary>
    public static LabProcess Start(string name, string logDirectory, IReadOnlyList<string> words)
    {
        string outputPath = Path.Combine(logDirectory, name + ".out");
        string errorPath = Path.Combine(logDirectory, name + ".log");

        // The shell only redirects and then becomes the program, so the process id is the program's own.
        var start = new ProcessStartInfo("/bin/sh") { UseShellExecute = false, RedirectStandardInput = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("out=$1 err=$2; shift 2; exec \"$@\" >>\"$out\" 2>>\"$err\" </dev/null");
        start.ArgumentList.Add("lab");
        start.ArgumentList.Add(outputPath);
        start.ArgumentList.Add(errorPath);
        foreach (string word in words)
        {
            start.ArgumentList.Add(word);
        }

        Process process = Process.Start(start) ?? throw new LabException($"{name} did not start");
        process.StandardInput.Close();
        return new LabProcess(name, process, outputPath, errorPath);
    }

    /// <summary>Sends a signal by number, to this process only.</summary>
    public void Signal(int number)
    {
        if (IsRunning)
        {
            _ = LibC.kill(Id, number);
        }
    }

    /// <summary>SIGSTOP: it stands still and knows nothing of it, until <see cref="Resume"/>.</summary>
    public void Suspend() => Signal(StopSignal);

    /// <summary>SIGCONT: it goes on where it stood. Does nothing to a process that runs.</summary>
    public void Resume() => Signal(ContinueSignal);

    /// <summary>Waits for its end.</summary>
    /// <returns>False if it still runs after the time.</returns>
    public async Task<bool> WaitForExitAsync(TimeSpan timeout)
    {
        using var limit = new CancellationTokenSource(timeout);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>SIGTERM, and SIGKILL if that does not end it in time.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync(TimeSpan? grace = null)
    {
        Signal(LibC.SIGTERM);
        if (!await WaitForExitAsync(grace ?? GraceDefault))
        {
            await KillAsync();
        }

        return _process.ExitCode;
    }

    /// <summary>SIGKILL, and waits for the end.</summary>
    public async Task KillAsync()
    {
        Signal(LibC.SIGKILL);
        await _process.WaitForExitAsync();
    }

    /// <summary>Waits until the log holds a text.</summary>
    /// <exception cref="LabException">It does not in time, or the process ended.</exception>
    public async Task WaitForLogAsync(string text, TimeSpan timeout)
    {
        var clock = Stopwatch.StartNew();
        while (!Log.Contains(text, StringComparison.Ordinal))
        {
            if (clock.Elapsed > timeout || !IsRunning)
            {
                throw new LabException($"{Name} did not log \"{text}\" within {timeout}; its log:\n{Log}");
            }

            await Task.Delay(20);
        }
    }

    /// <summary>CPU time it has used, user and system.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            // /proc/PID/stat: fields 14 and 15 (utime, stime), in ticks of 10 ms; the name (field 2) may hold blanks.
            string stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{Id}/stat"));
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return TimeSpan.FromMilliseconds(10 * (long.Parse(fields[11]) + long.Parse(fields[12])));
        }
    }

    /// <summary>Resident memory now, KiB.</summary>
    public long ResidentKibibytes => StatusKibibytes("VmRSS:");

    /// <summary>
    /// Resident memory now that is the process's own, KiB: without pages of its program and libraries, which the kernel
    /// may drop and processes share.
    /// </summary>
    public long AnonymousKibibytes => StatusKibibytes("RssAnon:");

    /// <summary>Largest resident memory so far, KiB.</summary>
    public long ResidentPeakKibibytes => StatusKibibytes("VmHWM:");

    /// <summary>Ends the process if it still runs.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_isDisposed)
        {
            await StopAsync();
            _process.Dispose();
            _isDisposed = true;
        }
    }

    private long StatusKibibytes(string field)
    {
        foreach (string line in File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{Id}/status")))
        {
            if (line.StartsWith(field, StringComparison.Ordinal))
            {
                return long.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal).Trim());
            }
        }

        return 0;
    }

    private static string ReadShared(string path)
    {
        if (!File.Exists(path))
        {
            return "";
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        return reader.ReadToEnd();
    }
}

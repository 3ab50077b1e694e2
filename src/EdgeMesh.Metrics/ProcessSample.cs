using System;
using System.Buffers.Text;
using System.IO;
using System.IO.Enumeration;

namespace EdgeMesh.Metrics;

/// <summary>What the kernel says about this process, from <c>/proc/self</c> (proc(5)).</summary>
public readonly record struct ProcessSample
{
    // Fields of /proc/self/stat, counted from the one after the command's closing parenthesis (proc(5) calls that one
    // 3).
    private const int UserTicksField = 14 - 3;
    private const int SystemTicksField = 15 - 3;
    private const int ThreadsField = 20 - 3;
    private const int StartTicksField = 22 - 3;
    private const int VirtualBytesField = 23 - 3;
    private const int ResidentPagesField = 24 - 3;

    // 52 numbers of at most 20 digits, most of them short; the kernel never splits it
    private const int StatBytesMax = 1024;
    private const double TicksPerSecond = 100;       // USER_HZ, the same on every architecture that .NET runs on
    private static readonly double BootTimeSeconds = ReadNumber("/proc/stat", "btime ");
    private static readonly double OpenFilesMax = ReadNumber("/proc/self/limits", "Max open files");

    /// <summary>Memory that is in RAM.</summary>
    public long ResidentBytes { get; private init; }

    /// <summary>Addresses that are mapped.</summary>
    public long VirtualBytes { get; private init; }

    /// <summary>Processor time of all threads, user and system.</summary>
    public double CpuSeconds { get; private init; }

    /// <summary>Start of the process, seconds since 1970; as wrong as the clock was then.</summary>
    public double StartTimeSeconds { get; private init; }

    /// <summary>Threads.</summary>
    public long Threads { get; private init; }

    /// <summary>Open file descriptors.</summary>
    public long OpenFiles { get; private init; }

    /// <summary>How many descriptors may be open; infinity if the limit was lifted.</summary>
    public double OpenFilesLimit { get; private init; }

    /// <summary>Reads the values of this moment.</summary>
    /// <param name="before">What to say where <c>/proc</c> can't be read now: with no descriptor left, for example,
    /// processor time must not fall to zero.</param>
    public static ProcessSample Read(ProcessSample before = default)
    {
        Span<byte> stat = stackalloc byte[StatBytesMax];
        try
        {
            using (var file = File.OpenHandle("/proc/self/stat"))
            {
                stat = stat[..RandomAccess.Read(file, stat, 0)];
            }

            // The command may hold blanks and parentheses: the fields begin after the last one.
            return Parse(stat[(stat.LastIndexOf((byte)')') + 1)..], CountDescriptors());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return before;
        }
    }

    private static ProcessSample Parse(ReadOnlySpan<byte> fields, long openFiles) => new()
    {
        ResidentBytes = Field(fields, ResidentPagesField) * Environment.SystemPageSize,
        VirtualBytes = Field(fields, VirtualBytesField),
        CpuSeconds = (Field(fields, UserTicksField) + Field(fields, SystemTicksField)) / TicksPerSecond,
        StartTimeSeconds = BootTimeSeconds + (Field(fields, StartTicksField) / TicksPerSecond),
        Threads = Field(fields, ThreadsField),
        OpenFiles = openFiles,
        OpenFilesLimit = OpenFilesMax,
    };

    private static long Field(ReadOnlySpan<byte> fields, int index)
    {
        int current = -1;
        foreach (Range range in fields.Split((byte)' '))
        {
            // The text begins with a blank, so the first range is empty.
            if (current++ == index)
            {
                return Utf8Parser.TryParse(fields[range], out long value, out _) ? value : 0;
            }
        }

        return 0;
    }

    private static long CountDescriptors()
    {
        var options =
            new EnumerationOptions { AttributesToSkip = FileAttributes.None, ReturnSpecialDirectories = false };
        var entries = new FileSystemEnumerable<byte>("/proc/self/fd", (ref entry) => 0, options);
        long count = -1; // the directory's own descriptor
        foreach (byte _ in entries)
        {
            count++;
        }

        return count;
    }

    private static double ReadNumber(string path, string prefix)
    {
        try
        {
            foreach (string line in File.ReadLines(path))
            {
                if (!line.StartsWith(prefix, StringComparison.Ordinal))
                {
                    continue;
                }

                ReadOnlySpan<char> rest = line.AsSpan(prefix.Length).TrimStart();
                int end = rest.IndexOf(' ');
                return double.TryParse(end < 0 ? rest : rest[..end], out double value)
                    ? value : double.PositiveInfinity;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A container without /proc still gets its other metrics.
        }

        return 0;
    }
}

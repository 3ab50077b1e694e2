using System;
using System.IO;
using System.Text;
using System.Threading;

namespace EdgeMesh.Logging;

/// <summary>Writes one line an event: <c>2025-01-31T12:00:00.123Z info mesh_applied generation=7 nodes=3</c>.</summary>
/// <remarks>
/// Values with blanks, quotes, equal signs or control characters stand in quotes with JSON's escapes, so a line is
/// always one line. Safe from every thread. Never throws: a log that can't be written doesn't stop anything. Not for
/// the packet path.
/// </remarks>
public sealed class StructuredLog
{
    private const int ValueCharsMax = 8192; // a longer value is cut: one event never floods the log

    private readonly TextWriter _writer;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();

    /// <summary>Makes a log.</summary>
    /// <param name="writer">Where lines go, usually standard error; whole lines, flushed.</param>
    /// <param name="level">Least important level to write.</param>
    /// <param name="time">Gives the time stamps.</param>
    public StructuredLog(TextWriter writer, LogLevel level = LogLevel.Info, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(writer);
        _writer = writer;
        _time = time ?? TimeProvider.System;
        Level = level;
    }

    /// <summary>A log that writes nothing.</summary>
    public static StructuredLog None { get; } = new(TextWriter.Null, LogLevel.Error);

    /// <summary>Least important level that is written.</summary>
    public LogLevel Level { get; }

    /// <summary>Reads a level's name as the command line has it.</summary>
    /// <param name="text">error, warn, info or debug.</param>
    /// <param name="level">The level.</param>
    /// <returns>False if there is no such level.</returns>
    public static bool TryParseLevel(string? text, out LogLevel level)
    {
        (bool isLevel, level) = text switch
        {
            "error" => (true, LogLevel.Error),
            "warn" => (true, LogLevel.Warn),
            "info" => (true, LogLevel.Info),
            "debug" => (true, LogLevel.Debug),
            _ => (false, LogLevel.Info),
        };
        return isLevel;
    }

    /// <summary>Something does not work until somebody acts.</summary>
    /// <param name="name">The event, snake_case.</param>
    /// <param name="fields">Keys (snake_case) and values.</param>
    public void Error(string name, params ReadOnlySpan<(string Key, object? Value)> fields) =>
        Write(LogLevel.Error, name, fields);

    /// <summary>Something is wrong, and the process goes on without it.</summary>
    /// <param name="name">The event, snake_case.</param>
    /// <param name="fields">Keys (snake_case) and values.</param>
    public void Warn(string name, params ReadOnlySpan<(string Key, object? Value)> fields) =>
        Write(LogLevel.Warn, name, fields);

    /// <summary>What an operator wants to find later.</summary>
    /// <param name="name">The event, snake_case.</param>
    /// <param name="fields">Keys (snake_case) and values.</param>
    public void Info(string name, params ReadOnlySpan<(string Key, object? Value)> fields) =>
        Write(LogLevel.Info, name, fields);

    /// <summary>What a developer wants to see.</summary>
    /// <param name="name">The event, snake_case.</param>
    /// <param name="fields">Keys (snake_case) and values.</param>
    public void Debug(string name, params ReadOnlySpan<(string Key, object? Value)> fields) =>
        Write(LogLevel.Debug, name, fields);

    private void Write(LogLevel level, string name, ReadOnlySpan<(string Key, object? Value)> fields)
    {
        if (level > Level)
        {
            return;
        }

        var line = new StringBuilder(128);
        line.Append(_time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'"));
        line.Append(' ').Append(NameOf(level)).Append(' ').Append(name);
        foreach ((string key, object? value) in fields)
        {
            line.Append(' ').Append(key).Append('=');
            AppendValue(line, TextOf(value));
        }

        line.Append('\n');
        try
        {
            lock (_lock)
            {
                _writer.Write(line.ToString());
                _writer.Flush();
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Standard error was closed; there is nobody to tell.
        }
    }

    private static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Error => "error",
        LogLevel.Warn => "warn",
        LogLevel.Info => "info",
        _ => "debug",
    };

    private static string TextOf(object? value)
    {
        string text = value switch
        {
            null => "",
            bool isTrue => isTrue ? "true" : "false",
            Exception e => $"{e.GetType().Name}: {e.Message} {e.StackTrace}",
            _ => value.ToString() ?? "",
        };
        return text.Length <= ValueCharsMax ? text : text[..ValueCharsMax];
    }

    private static void AppendValue(StringBuilder line, string value)
    {
        if (value.Length > 0 && !value.AsSpan().ContainsAnyExcept(PlainChars))
        {
            line.Append(value);
            return;
        }

        line.Append('"');
        foreach (char c in value)
        {
            _ = c switch
            {
                '"' => line.Append("\\\""),
                '\\' => line.Append("\\\\"),
                '\n' => line.Append("\\n"),
                '\r' => line.Append("\\r"),
                '\t' => line.Append("\\t"),
                < ' ' or '\u007f' or (>= '\u0080' and < '\u00a0') or '\u2028' or '\u2029' =>
                    line.Append($"\\u{(int)c:x4}"),
                _ => line.Append(c),
            };
        }

        line.Append('"');
    }

    private static readonly System.Buffers.SearchValues<char> PlainChars = System.Buffers.SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:/,+*@%#~^()[]{}<>|;!?&'$");
}

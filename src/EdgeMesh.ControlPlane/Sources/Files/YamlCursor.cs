using System;
using System.IO;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace EdgeMesh.ControlPlane.Sources.Files;

/// <summary>
/// Walks over a YAML text, one event at a time. Throws YamlDotNet's <see cref="YamlException"/> where the text is no
/// YAML.
/// </summary>
/// <remarks>Nothing here recurses and nothing is kept, so deep or large texts cost no stack and no memory.</remarks>
internal sealed class YamlCursor
{
    // Of what is skipped. The file's own depth is 4; the scanner's cost grows with the square of the depth.
    private const int DepthMax = 16;

    private readonly Parser _parser;
    private Mark _end = Mark.Empty; // of the last event: after the text's end there is no other

    internal YamlCursor(TextReader text)
    {
        _parser = new Parser(text);
        Advance();
    }

    internal FilePosition Position => At(_parser.Current?.Start ?? _end);

    internal static FilePosition At(Mark mark) => new((int)mark.Line, (int)mark.Column);

    internal void Advance()
    {
        Mark at = _parser.Current?.End ?? _end;
        _end = at;
        try
        {
            _parser.MoveNext();
        }
        catch (Exception e) when (
            e is InvalidOperationException or ArgumentException or IndexOutOfRangeException or FormatException)
        {
            // The scanner's own slips over texts that are no YAML, found by fuzzing.
            throw new YamlException(at, at, "the text can't be understood from here on", e);
        }
    }

    internal bool IsAt<T>()
        where T : ParsingEvent => _parser.Current is T;

    /// <summary>Steps over the current event if it is of this type.</summary>
    internal bool TryTake<T>()
        where T : ParsingEvent
    {
        if (_parser.Current is not T)
        {
            return false;
        }

        Advance();
        return true;
    }

    /// <summary>Takes a scalar.</summary>
    /// <param name="scalar">Its text and place.</param>
    /// <param name="isPlain">Was it written without quotes?</param>
    internal bool TryTakeScalar(out Located<string> scalar, out bool isPlain)
    {
        scalar = default;
        isPlain = false;
        if (_parser.Current is not Scalar current)
        {
            return false;
        }

        scalar = new Located<string>(current.Value, Position);
        isPlain = current.Style == ScalarStyle.Plain;
        Advance();
        return true;
    }

    /// <summary>Steps over a whole scalar, list or mapping.</summary>
    internal void Skip()
    {
        int depth = 0;
        do
        {
            ParsingEvent current = _parser.Current
                ?? throw new YamlException(_end, _end, "the text ends in the middle of this");
            depth += current.NestingIncrease;
            if (depth > DepthMax)
            {
                throw new YamlException(current.Start, current.End, "lists and mappings are nested too deep here");
            }

            Advance();
        }
        while (depth > 0);
    }

    /// <summary>What the current event is, in words.</summary>
    internal string Describe() => _parser.Current switch
    {
        Scalar => "a single value",
        SequenceStart => "a list",
        MappingStart => "a mapping",
        AnchorAlias => "an alias",
        _ => "nothing",
    };
}

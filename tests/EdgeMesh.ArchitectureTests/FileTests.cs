using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace EdgeMesh.ArchitectureTests;

/// <summary>What every source file keeps to.</summary>
public sealed partial class FileTests
{
    private const int LinesMax = 400;
    private const int MedianLinesEnd = 100;
    private const int ColumnsMax = 120;

    // A kernel header's structs stand side by side, as the header has them.
    private static readonly string[] FilesOfSeveralTypes = ["native-interop/EdgeMesh.Native/IoUring/RingStructs.cs"];

    // C# finds the namespace before the type if both have one name: the namespace of a folder named after its main type
    // is the plural.
    private static readonly Dictionary<string, string> PluralNamespaces = new()
    {
        ["Multiaddr"] = "Multiaddresses",
        ["Multistream"] = "Multistreams",
    };

    [Fact]
    public void No_file_is_over_400_lines() => Rule.Empty(
        Repository.Sources
            .Where(source => source.Lines.Count > LinesMax)
            .Select(source => $"{source}: {source.Lines.Count} lines"),
        $"more than {LinesMax} lines: the file holds more than one thing");

    [Theory]
    [InlineData("src")]
    [InlineData("native-interop")]
    [InlineData("tests")]
    [InlineData("perf")]
    public void Half_of_the_files_are_short(string tree)
    {
        int[] lines =
        [
            .. Repository.Sources
                .Where(source => source.Path.StartsWith($"{tree}/", StringComparison.Ordinal))
                .Select(source => source.Lines.Count)
                .Order(),
        ];
        Assert.InRange(lines[lines.Length / 2], 1, MedianLinesEnd - 1);
    }

    [Fact]
    public void No_line_of_code_is_over_120_columns() => Rule.Empty(
        from source in Repository.Sources
        from line in source.CodeLines
        where line.Text.Length > ColumnsMax
        select $"{source}:{line.Number}: {line.Text.Length}",
        $"more than {ColumnsMax} columns");

    [Fact]
    public void No_fixme_is_left_over() => Rule.Empty(
        Lines(Repository.Sources, line => line.Contains("FIX" + "ME", StringComparison.Ordinal)),
        "do it, or make it an issue");

    [Fact]
    public void Each_todo_names_an_issue() => Rule.Empty(
        Lines(Repository.Sources, line => Todo().IsMatch(line)), "name the issue: TO" + "DO(#12)");

    [Fact]
    public void A_file_holds_one_type_and_has_its_name() => Rule.Empty(
        from source in Repository.Sources
        where !FilesOfSeveralTypes.Contains(source.Path) && source.DeclaredTypes.Count > 0
        where source.DeclaredTypes.Count != 1 || !IsNamedAfter(source.Name, source.DeclaredTypes[0])
        select $"{source}: {string.Join(", ", source.DeclaredTypes)}",
        "one type per file, and the file is named after it");

    [Fact]
    public void A_namespace_is_its_folder() => Rule.Empty(
        from source in Repository.Sources
        let expected = string.Join('.', source.Folders.Select(name => PluralNamespaces.GetValueOrDefault(name, name)))
        where source.Namespace is not null && source.Namespace != expected
        select $"{source}: {source.Namespace}, should be {expected}",
        "the namespace isn't the folder's");

    [Fact]
    public void Only_program_talks_to_the_console() => Rule.Empty(
        Lines(
            Repository.Sources.Where(source => source.IsProduct && source.Name != "Program.cs"),
            line => UseOfConsole().IsMatch(line)),
        "only Program.cs talks to the terminal: take a TextWriter");

    [Fact]
    public void Banned_symbols_are_not_switched_off() => Rule.Empty(
        Lines(
            Repository.Sources.Where(source => source.IsProduct && source.Name != "Program.cs"),
            line => line.Contains("RS" + "0030", StringComparison.Ordinal)),
        "a banned symbol is banned; change src/BannedSymbols.txt if the rule is wrong");

    [Fact]
    public void Sources_end_lines_as_unix_does_and_hold_no_tabs() => Rule.Empty(
        Lines(Repository.Sources, line => line.Contains('\r') || line.Contains('\t') || line.EndsWith(' ')),
        "carriage return, tab or trailing blank");

    private static bool IsNamedAfter(string file, string type) =>
        file == $"{type}.cs" || (file.StartsWith($"{type}.", StringComparison.Ordinal) && file.Split('.').Length == 3);

    private static IEnumerable<string> Lines(IEnumerable<SourceFile> sources, Func<string, bool> isWrong) =>
        from source in sources
        from line in source.Lines.Select((text, index) => (Text: text, Number: index + 1))
        where isWrong(line.Text)
        select $"{source}:{line.Number}: {line.Text.Trim()}";

    [GeneratedRegex(@"\bConsole\.[A-Z]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex UseOfConsole();

    [GeneratedRegex(@"//.*\bTO" + @"DO\b(?!\(#\d+\))", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Todo();
}

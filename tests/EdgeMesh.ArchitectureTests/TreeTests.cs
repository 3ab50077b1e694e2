using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace EdgeMesh.ArchitectureTests;

/// <summary>What the tree as a whole keeps to.</summary>
public sealed partial class TreeTests
{
    private const int RecordLinesMax = 100;

    private static readonly string[] RootEntries =
    [
        "src", "tests", "perf", "native-interop", "charts", "docs", "EdgeMesh.Dataplane.sln",
        "Directory.Packages.props",
        "README.md", "Directory.Build.props", "global.json", ".editorconfig", "Makefile", "LICENSE", ".gitignore",
        ".ci", "Containerfile",
    ];

    // Directories that exist on a developer's machine only; spelled apart so that this file holds none itself.
    private static readonly string[] MachinePaths = ["/ro" + "ot/", "/ho" + "me/", "/wo" + "rk/", "/tmp/w" + "t/"];

    private static readonly string[] NameKillers = ["pki" + "ll", "killa" + "ll", "pid" + "of", "pgr" + "ep"];

    private static readonly string[] TextSuffixes =
    [
        ".cs", ".md", ".sh", ".yaml", ".yml", ".json", ".txt", ".props", ".targets", ".csproj", ".proto", ".js", ".c",
        "",
    ];

    private static IEnumerable<(string Path, string Text)> Texts => Repository.Files
        .Where(path => TextSuffixes.Contains(Path.GetExtension(path)))
        .Select(path => (path, Repository.Read(path)));

    private static IEnumerable<string> Records =>
        Repository.Files.Where(path => path.StartsWith("docs/decisions/", StringComparison.Ordinal));

    [Fact]
    public void Root_directory_holds_what_the_layout_says() => Rule.Empty(
        Repository.RootEntries().Except(RootEntries), "not in the layout (docs/style.md)");

    [Fact]
    public void Nothing_is_ended_by_name() => Rule.Empty(
        from file in Texts
        from word in NameKillers
        where HasWord(file.Text, word)
        select $"{file.Path}: {word}",
        "other processes may have that name: end what you started by its id");

    [Fact]
    public void No_path_of_one_machine_is_left_in_a_file() => Rule.Empty(
        from file in Texts
        from path in MachinePaths
        where file.Text.Contains(path, StringComparison.Ordinal)
        select $"{file.Path}: {path}",
        "the path exists on one machine only");

    [Fact]
    public void Links_between_documents_lead_somewhere() => Rule.Empty(
        from file in Texts
        where file.Path.EndsWith(".md", StringComparison.Ordinal)
        from Match link in MarkdownLink().Matches(file.Text)
        let target = link.Groups["target"].Value
        where !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith('#')
        let path = Path.Combine(Repository.Root, Path.GetDirectoryName(file.Path)!, target.Split('#')[0])
        where !File.Exists(path) && !Directory.Exists(path)
        select $"{file.Path}: {target}",
        "the link leads nowhere");

    [Fact]
    public void Methods_that_the_architecture_names_are_in_their_files() => Rule.Empty(
        from Match named in NamedMethod().Matches(Repository.Read("docs/architecture.md"))
        let files = Repository.ProductSources.Where(source => source.Name == $"{named.Groups["type"].Value}.cs")
        where files.Any() && !files.Any(file => HasWord(Repository.Read(file.Path), named.Groups["method"].Value))
        select named.Value,
        "no such method is there: name the one that took its place");

    [Fact]
    public void Decision_records_are_numbered_once_and_short()
    {
        Rule.Empty(Records.Where(path => !RecordName().IsMatch(path)), "a decision record is NNNN-title.md");
        Rule.Empty(
            from path in Records
            group path by Path.GetFileName(path)[..4] into records
            where records.Count() > 1
            select string.Join(", ", records),
            "two records have one number");
        Rule.Empty(
            Records.Where(path => Repository.Read(path).Split('\n').Length > RecordLinesMax),
            $"context, choice, price: more than {RecordLinesMax} lines is an essay");
    }

    private static bool HasWord(string text, string word)
    {
        int at = text.IndexOf(word, StringComparison.Ordinal);
        while (at >= 0)
        {
            int end = at + word.Length;
            if ((at == 0 || !char.IsLetterOrDigit(text[at - 1]))
                && (end == text.Length || !char.IsLetterOrDigit(text[end])))
            {
                return true;
            }

            at = text.IndexOf(word, end, StringComparison.Ordinal);
        }

        return false;
    }

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex MarkdownLink();

    [GeneratedRegex(@"[`\[](?<type>[A-Z]\w+)\.(?<method>[A-Z]\w+)[`\]]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NamedMethod();

    [GeneratedRegex(@"^docs/decisions/\d{4}-[a-z0-9-]+\.md$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RecordName();
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;

namespace EdgeMesh.ArchitectureTests;

/// <summary>One C# file.</summary>
internal sealed partial class SourceFile
{
    private readonly string[] _lines;

    /// <summary>Reads a file.</summary>
    /// <param name="path">Path from the root.</param>
    public SourceFile(string path)
    {
        Path = path;
        _lines = Repository.Read(path).TrimEnd('\n').Split('\n');
        DeclaredTypes = [.. Names(TypeDeclaration())];
        Namespace = Names(NamespaceDeclaration()).FirstOrDefault();
    }

    /// <summary>Path from the root.</summary>
    public string Path { get; }

    /// <summary>The file's name without folders.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>Whether the file is part of the product.</summary>
    public bool IsProduct =>
        Path.StartsWith("src/", StringComparison.Ordinal)
        || Path.StartsWith("native-interop/", StringComparison.Ordinal);

    /// <summary>Its lines, numbered from 1 in messages.</summary>
    public IReadOnlyList<string> Lines => _lines;

    /// <summary>Names of the types that are declared at the top level, in their order.</summary>
    public IReadOnlyList<string> DeclaredTypes { get; }

    /// <summary>Its namespace; null for a program's top-level statements.</summary>
    public string? Namespace { get; }

    /// <summary>Its folders, without the first one (src, tests, ...).</summary>
    public IEnumerable<string> Folders => System.IO.Path.GetDirectoryName(Path)!.Split('/').Skip(1);

    /// <summary>Its lines but those inside of raw string literals, which hold other people's text.</summary>
    public IEnumerable<(string Text, int Number)> CodeLines
    {
        get
        {
            bool isRaw = false;
            for (int i = 0; i < _lines.Length; i++)
            {
                bool isDelimiter = _lines[i].Split("\"\"\"").Length % 2 == 0;
                if (!isRaw || isDelimiter)
                {
                    yield return (_lines[i], i + 1);
                }

                isRaw ^= isDelimiter;
            }
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Path;

    private IEnumerable<string> Names(Regex declaration) => _lines
        .Select(line => declaration.Match(line))
        .Where(match => match.Success)
        .Select(match => match.Groups["name"].Value);

    // Namespaces are file-scoped, so a type at the top level begins in the first column.
    [GeneratedRegex(
        @"^((public|internal|file|sealed|abstract|static|partial|readonly|ref|unsafe)\s+)*"
        + @"(class|struct|interface|enum|record\s+struct|record\s+class|record|delegate\s+\S+)\s+(?<name>\w+)",
        RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TypeDeclaration();

    [GeneratedRegex(@"^namespace\s+(?<name>[\w.]+);", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NamespaceDeclaration();
}

using System.IO;

namespace EdgeMesh.Cli;

/// <summary>Where answers and errors go. Nothing is ever coloured, so a pipe gets what a person sees.</summary>
/// <param name="Output">Answers.</param>
/// <param name="Errors">Sentences about what went wrong.</param>
/// <param name="Columns">Characters of a line; the last column of a table wraps there.</param>
internal sealed record Terminal(TextWriter Output, TextWriter Errors, int Columns)
{
    /// <summary>Characters of a line when the output is no terminal.</summary>
    public const int ColumnsRedirected = 160;

    /// <summary>Fewest characters of a line; narrower terminals fold by themselves.</summary>
    public const int ColumnsMin = 80;
}

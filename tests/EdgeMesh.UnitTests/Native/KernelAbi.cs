using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.CompilerServices;

namespace EdgeMesh.UnitTests.Native;

/// <summary>
/// What <c>native-interop/abi/abi.c</c> printed: "struct NAME SIZE", "field NAME.FIELD OFFSET SIZE", "const NAME
/// VALUE".
/// </summary>
internal static class KernelAbi
{
    public static string Folder { get; } = FindFolder();

    public static Dictionary<string, string> Read(string fileName) =>
        Parse(File.ReadLines(Path.Combine(Folder, fileName)));

    public static Dictionary<string, string> Parse(IEnumerable<string> lines)
    {
        Dictionary<string, string> entries = new(StringComparer.Ordinal);
        foreach (string line in lines)
        {
            string[] words = line.Split(' ', 3);
            entries.Add($"{words[0]} {words[1]}", words[2]);
        }

        return entries;
    }

    private static string FindFolder([CallerFilePath] string source = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(source)!, "../../../native-interop/abi"));
}

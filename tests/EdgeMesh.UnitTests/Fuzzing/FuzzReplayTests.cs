using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using EdgeMesh.FuzzTargets;
using Xunit;

namespace EdgeMesh.UnitTests.Fuzzing;

/// <summary>Runs every target over its corpus, over mutations of it, and over random bytes.</summary>
public sealed class FuzzReplayTests
{
    // The same inputs each time; set EDGEMESH_FUZZ_SEED to another number to look elsewhere.
    private const int DefaultSeed = 20250601;
    private const int RandomBytesMax = 400;
    private const int MutationsPerFile = 100;

    public static TheoryData<string> Names => [.. FuzzTargetList.All.Select(entry => entry.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Target_takes_whatever_comes(string name)
    {
        FuzzTargetEntry entry = FuzzTargetList.All.Single(candidate => candidate.Name == name);
        string? wanted = Environment.GetEnvironmentVariable("EDGEMESH_FUZZ_SEED");
        int seed = int.TryParse(wanted, out int number) ? number : DefaultSeed;
        var random = new Random(seed);
        List<byte[]> corpus = Corpus(name);
        corpus.ForEach(bytes => Run(entry, bytes, "corpus"));
        foreach (byte[] bytes in corpus)
        {
            for (int i = 0; i < Math.Min(MutationsPerFile, entry.RandomInputs / 10); i++)
            {
                Run(entry, Mutate(bytes, random), $"mutation, seed {seed}");
            }
        }

        for (int i = 0; i < entry.RandomInputs; i++)
        {
            byte[] bytes = new byte[random.Next(RandomBytesMax)];
            random.NextBytes(bytes);
            Run(entry, bytes, $"random, seed {seed}");
        }
    }

    [Fact]
    public void Every_target_is_in_the_list()
    {
        IEnumerable<string> classes = typeof(HeadersTarget).Assembly.GetExportedTypes()
            .Select(type => type.Name)
            .Where(name => name.EndsWith("Target", StringComparison.Ordinal))
            .Select(name => name[..^"Target".Length])
            .Order(StringComparer.Ordinal);
        Assert.Equal(classes, FuzzTargetList.All.Select(entry => entry.Name).Order(StringComparer.Ordinal));
    }

    private static void Run(FuzzTargetEntry entry, byte[] bytes, string origin)
    {
        try
        {
            entry.Run(bytes);
        }
        catch (Exception exception)
        {
            // A crash becomes a corpus file: the bytes are what is needed to make it one.
            throw new InvalidOperationException($"{entry.Name} ({origin}): {Convert.ToHexString(bytes)}", exception);
        }
    }

    private static byte[] Mutate(byte[] bytes, Random random)
    {
        var mutated = new List<byte>(bytes);
        for (int change = random.Next(1, 5); change > 0 && mutated.Count > 0; change--)
        {
            int at = random.Next(mutated.Count);
            switch (random.Next(5))
            {
                case 0:
                    mutated[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    mutated[at] = (byte)random.Next(256);
                    break;
                case 2:
                    mutated.RemoveRange(at, random.Next(mutated.Count - at) + 1);
                    break;
                case 3:
                    mutated.Insert(at, (byte)random.Next(256));
                    break;
                default:
                    mutated[at] = random.Next(2) == 0 ? byte.MaxValue : (byte)0;
                    break;
            }
        }

        return [.. mutated];
    }

    private static List<byte[]> Corpus(string name)
    {
        string folder = Path.Combine(RepositoryRoot(), "tests", "EdgeMesh.FuzzTargets", "Corpus", name);
        return Directory.Exists(folder)
            ? [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)]
            : [];
    }

    private static string RepositoryRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "EdgeMesh.Dataplane.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("the tests don't run below the repository");
    }
}

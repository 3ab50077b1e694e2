using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Xunit;

namespace EdgeMesh.SimulationTests.Nodes;

/// <summary>Which seeds a test runs, and what a failing one tells.</summary>
/// <remarks>
/// <c>EDGEMESH_SIMULATION_SEEDS=N</c>: how many; <c>EDGEMESH_SIMULATION_SEED=S</c>: only that one, its trace printed.
/// </remarks>
internal static class SimulationSeeds
{
    private const string CountVariable = "EDGEMESH_SIMULATION_SEEDS";
    private const string SeedVariable = "EDGEMESH_SIMULATION_SEED";
    private const string Program =
        "tests/EdgeMesh.SimulationTests/bin/" + Configuration + "/net10.0/EdgeMesh.SimulationTests -noLogo";

#if DEBUG
    private const string Configuration = "Debug";
#else
    private const string Configuration = "Release";
#endif

    /// <summary>Runs scenarios of many seeds, on all cores: each on one thread, a world of its own.</summary>
    /// <param name="test">Full name of the test, for the command that replays a seed.</param>
    /// <param name="first">First seed.</param>
    /// <param name="count">How many, unless the environment says otherwise.</param>
    /// <param name="factory">What nodes.</param>
    public static void Run(string test, int first, int count, NodeFactory factory)
    {
        if (int.TryParse(Environment.GetEnvironmentVariable(SeedVariable), out int seed))
        {
            Scenario scenario = ScenarioGenerator.Make(seed);
            TestContext.Current.TestOutputHelper?.WriteLine(scenario.ToString());
            ScenarioRunner.Run(scenario, factory, text => Console.Out.WriteLine(text));
            return;
        }

        if (int.TryParse(Environment.GetEnvironmentVariable(CountVariable), out int asked))
        {
            count = asked;
        }

        var failures = new SortedDictionary<int, string>();
        var threads = new Thread[Environment.ProcessorCount];
        int next = first - 1;
        for (int i = 0; i < threads.Length; i++)
        {
            threads[i] = new Thread(() =>
            {
                for (int one; (one = Interlocked.Increment(ref next)) < first + count && failures.Count < 5;)
                {
                    if (Try(one, factory) is { } failure)
                    {
                        lock (failures)
                        {
                            failures.Add(one, failure);
                        }
                    }
                }
            });
            threads[i].Start();
        }

        Array.ForEach(threads, thread => thread.Join());
        Assert.True(failures.Count == 0, string.Join('\n', failures.Select(failure =>
            $"seed {failure.Key}: {failure.Value}\n  again: {SeedVariable}={failure.Key} {Program} -method {test}")));
    }

    private static string? Try(int seed, NodeFactory factory)
    {
        try
        {
            ScenarioRunner.Run(ScenarioGenerator.Make(seed), factory);
            return null;
        }
#pragma warning disable CA1031 // whatever it is, the seed is named with it
        catch (Exception failure)
#pragma warning restore CA1031
        {
            return failure.Message;
        }
    }
}

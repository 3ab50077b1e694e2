using BenchmarkDotNet.Attributes;

namespace EdgeMesh.Benchmarks;

/// <summary>
/// Work that never changes: what the machine gives at this hour. Comparisons divide by it, so that a baseline of
/// another machine, or of a busier hour, still says something.
/// </summary>
public class CalibrationBenchmark
{
    private const int Steps = 1000;

    /// <summary>How the comparison finds it.</summary>
    public const string MethodName = nameof(Dependent_multiplications);

    [Params(1)]
    public ulong Seed { get; set; }

    [Benchmark(OperationsPerInvoke = Steps)]
    public ulong Dependent_multiplications()
    {
        ulong value = Seed;
        for (int i = 0; i < Steps; i++)
        {
            // Knuth's generator: no step can be skipped
            value = (value * 6364136223846793005UL) + 1442695040888963407UL;
        }

        return value;
    }
}

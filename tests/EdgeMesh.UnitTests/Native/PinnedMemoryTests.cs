using System;
using System.IO;
using System.Linq;
using EdgeMesh.Native;
using Xunit;

namespace EdgeMesh.UnitTests.Native;

public sealed class PinnedMemoryTests
{
    private const string Modes = "/sys/kernel/mm/transparent_hugepage/enabled";

    [Fact]
    public void Advised_memory_gets_huge_pages_and_keeps_its_bytes()
    {
        Assert.SkipUnless(
            File.Exists(Modes) && !File.ReadAllText(Modes).Contains("[never]"), "this kernel gives no huge pages");
        byte[] memory = GC.AllocateUninitializedArray<byte>(16 << 20, pinned: true);
        memory[^1] = 7;
        long before = HugeKibibytes();
        Assert.Equal(0, PinnedMemory.AdviseHugePages(memory));
        memory.AsSpan(0, memory.Length - 1).Fill(9);
        Assert.InRange(HugeKibibytes() - before, 2048, 16384);
        Assert.Equal(7, memory[^1]);
    }

    [Fact]
    public void Memory_too_small_for_a_huge_page_is_left_alone() =>
        Assert.Equal(0, PinnedMemory.AdviseHugePages(GC.AllocateArray<byte>(100, pinned: true)));

    private static long HugeKibibytes() => File.ReadLines("/proc/self/smaps_rollup")
        .Where(line => line.StartsWith("AnonHugePages:", StringComparison.Ordinal))
        .Sum(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]));
}

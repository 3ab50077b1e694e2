using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using EdgeMesh.Native;
using Xunit;

namespace EdgeMesh.UnitTests.Native;

public sealed class PinnedMemoryTests
{
    // The heap may give an array where an earlier one was: pages that are there stay small. It is kept, and the next
    // one lies elsewhere.
    private const int ArraysMax = 4;

    private const string Modes = "/sys/kernel/mm/transparent_hugepage/enabled";

    [Fact]
    public void Advised_memory_gets_huge_pages_and_keeps_its_bytes()
    {
        Assert.SkipUnless(
            File.Exists(Modes) && !File.ReadAllText(Modes).Contains("[never]"), "this kernel gives no huge pages");
        List<byte[]> arrays = [];
        long gained = 0;
        while (gained == 0 && arrays.Count < ArraysMax)
        {
            byte[] memory = GC.AllocateUninitializedArray<byte>(16 << 20, pinned: true);
            arrays.Add(memory);
            memory[^1] = 7;
            long before = HugeKibibytes();
            Assert.Equal(0, PinnedMemory.AdviseHugePages(memory));
            memory.AsSpan(0, memory.Length - 1).Fill(9);
            gained = HugeKibibytes() - before;
            Assert.Equal(7, memory[^1]);
        }

        Assert.InRange(gained, 2048, 16384);
    }

    [Fact]
    public void Memory_too_small_for_a_huge_page_is_left_alone() =>
        Assert.Equal(0, PinnedMemory.AdviseHugePages(GC.AllocateArray<byte>(100, pinned: true)));

    private static long HugeKibibytes() => File.ReadLines("/proc/self/smaps_rollup")
        .Where(line => line.StartsWith("AnonHugePages:", StringComparison.Ordinal))
        .Sum(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]));
}

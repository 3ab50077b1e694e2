using System;
using System.Globalization;
using System.IO;
using System.Linq;
using EdgeMesh.Native;
using Xunit;

namespace EdgeMesh.UnitTests.Native;

public sealed class PinnedMemoryTests
{
    private const int InvalidArgument = -22; // EINVAL: a kernel built without huge pages
    private const string Map = "/proc/self/smaps";

    // Whether the kernel then grants huge pages is the machine's affair: what we asked for is in the map.
    [Fact]
    public void Advised_memory_is_marked_in_the_memory_map_and_keeps_its_bytes()
    {
        byte[] memory = GC.AllocateUninitializedArray<byte>(16 << 20, pinned: true);
        memory.AsSpan().Fill(9);
        int result = PinnedMemory.AdviseHugePages(memory);
        Assert.Contains(result, (int[])[0, InvalidArgument]);
        Assert.Equal(result == 0, FlagsOf(PinnedMemory.AddressOf(memory.AsSpan(memory.Length / 2))).Contains("hg"));
        Assert.Equal(-1, memory.AsSpan().IndexOfAnyExcept((byte)9));
    }

    [Fact]
    public void Memory_too_small_for_a_huge_page_is_left_alone() =>
        Assert.Equal(0, PinnedMemory.AdviseHugePages(GC.AllocateArray<byte>(100, pinned: true)));

    // proc(5): a mapping begins with a line "begin-end ...", and one of its lines is "VmFlags: rd wr ... hg".
    private static string[] FlagsOf(nint address)
    {
        bool isInside = false;
        foreach (string line in File.ReadLines(Map))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (!words[0].EndsWith(':'))
            {
                nint[] ends = [.. words[0].Split('-').Select(end => nint.Parse(end, NumberStyles.HexNumber))];
                isInside = ends[0] <= address && address < ends[1];
            }
            else if (isInside && words[0] == "VmFlags:")
            {
                return words;
            }
        }

        Assert.Skip($"{Map} does not tell flags: what was asked for can't be seen");
        return [];
    }
}

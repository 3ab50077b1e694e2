using System;
using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;

namespace EdgeMesh.Forwarding.Routing;

/// <summary>The memory of a compiled table while it grows, and the format that both tables' nodes share.</summary>
/// <remarks>
/// A table is one pinned array of 32-bit words. An <i>entry</i> is a word: 2 bits of kind, 30 bits of value (a next
/// hop, or where a node begins). A <i>line</i> is a node of 64 bytes that begins on a cache line: its 8 bits of address
/// choose one of up to 256 <i>runs</i>, neighbouring slots with the same entry.
/// <code>
///   word 0..7   bit k: a run begins at slot k         (bit 0 is always set)
///   word 8..9   byte w: how many runs begin before word w
///   word 10..   what the table keeps there: where the runs' entries are, or the entries themselves
/// </code>
/// The run of slot k is the number of begins up to k, less one: one byte and one population count.
/// </remarks>
internal sealed class TrieWords
{
    /// <summary>A next hop.</summary>
    public const uint LeafKind = 0;

    /// <summary>Bits below the kind.</summary>
    public const int KindShift = 30;

    /// <summary>The value of an entry.</summary>
    public const uint ValueMask = (1u << KindShift) - 1;

    /// <summary>Slots of a line.</summary>
    public const int Slots = 256;

    /// <summary>Words of a line: 64 bytes, a cache line of every machine we build for.</summary>
    public const int LineWords = 16;

    /// <summary>Words of a line that say where runs begin.</summary>
    public const int HeadWords = 10;

    private const int CountsWord = 8;

    // Small pieces are cut from chunks, so that they don't push lines off their alignment.
    private const int ChunkWords = 1024;

    private uint[] _words;
    private int _end;
    private int _chunk;
    private int _chunkEnd;

    public TrieWords(int rootWords)
    {
        _words = new uint[rootWords + (4 * ChunkWords)];
        _end = rootWords;
    }

    /// <summary>The words, root first; only valid until something is added.</summary>
    public Span<uint> Span => _words;

    public static uint Entry(uint kind, int value)
    {
        Debug.Assert(value >= 0);
        Debug.Assert(value <= ValueMask, "a table of 4 GiB");
        return (kind << KindShift) | (uint)value;
    }

    /// <summary>Which run a slot belongs to.</summary>
    /// <param name="words">The table.</param>
    /// <param name="line">Where the line begins.</param>
    /// <param name="slot">0 to 255.</param>
    public static int RunOf(ReadOnlySpan<uint> words, int line, int slot)
    {
        int word = slot >> 5;
        int before = (int)((words[line + CountsWord + (word >> 2)] >> ((word & 3) * 8)) & 0xFF);
        uint upToSlot = words[line + word] & (uint.MaxValue >> (31 - (slot & 31)));
        return before + BitOperations.PopCount(upToSlot) - 1;
    }

    /// <summary>Writes where the runs of a line begin.</summary>
    public void WriteRuns(int line, ReadOnlySpan<byte> starts)
    {
        Span<uint> head = _words.AsSpan(line, HeadWords);
        head.Clear();
        foreach (byte start in starts)
        {
            head[start >> 5] |= 1u << (start & 31);
        }

        int before = 0;
        for (int word = 0; word < CountsWord; word++)
        {
            head[CountsWord + (word >> 2)] |= (uint)before << ((word & 3) * 8);
            before += BitOperations.PopCount(head[word]);
        }
    }

    /// <summary>Adds words that begin on a cache line.</summary>
    public int AddAligned(int words)
    {
        int start = RoundUp(_end, LineWords);
        _end = start + words;
        if (_end > _words.Length)
        {
            Array.Resize(ref _words, Math.Max(_end, 2 * _words.Length));
        }

        return start;
    }

    /// <summary>
    /// Adds a few words; they begin at a multiple of <paramref name="alignment"/> words, a power of two.
    /// </summary>
    public int AddSmall(int words, int alignment)
    {
        int start = RoundUp(_chunk, alignment);
        if (start + words > _chunkEnd)
        {
            start = AddAligned(Math.Max(words, ChunkWords));
            _chunkEnd = _end;
        }

        _chunk = start + words;
        return start;
    }

    /// <summary>The finished table, in an array of just its size.</summary>
    /// <param name="origin">Where the root begins, on a cache line. All values count from here.</param>
    /// <returns>Pinned, so that lines stay on cache lines; the table that keeps it is its owner.</returns>
    public uint[] Finish(out int origin)
    {
        uint[] words = GC.AllocateUninitializedArray<uint>(_end + LineWords, pinned: true);
        long address = Marshal.UnsafeAddrOfPinnedArrayElement(words, 0);
        origin = (int)(-address & ((LineWords * sizeof(uint)) - 1)) / sizeof(uint);
        words.AsSpan().Clear();
        _words.AsSpan(0, _end).CopyTo(words.AsSpan(origin));
        return words;
    }

    private static int RoundUp(int value, int alignment) => (value + alignment - 1) & -alignment;
}

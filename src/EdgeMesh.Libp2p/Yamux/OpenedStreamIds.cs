using System;
using System.Diagnostics;

namespace EdgeMesh.Libp2p.Yamux;

/// <summary>Which ids the peer has opened, so that none is opened twice.</summary>
/// <remarks>
/// A sliding window, not the highest id alone: go-yamux takes an id before it queues the SYN, so two streams opened at
/// once may arrive in either order.
/// </remarks>
internal sealed class OpenedStreamIds
{
    // Four times the backlog that a peer may have open without our answer.
    private const int WindowIds = 1024;
    private const int BitsPerWord = 64;

    private readonly ulong[] _seen = new ulong[WindowIds / BitsPerWord];
    private long _next; // one above the highest index seen

    /// <summary>Notes the id.</summary>
    /// <returns>False if it was seen, or is older than the window.</returns>
    public bool TryAdd(uint id)
    {
        // Ids of one side step by two.
        long index = id / 2;
        if (index < _next - WindowIds)
        {
            return false;
        }

        if (index >= _next)
        {
            Advance(index);
        }

        int slot = (int)(index % WindowIds);
        ulong bit = 1UL << (slot % BitsPerWord);
        ref ulong word = ref _seen[slot / BitsPerWord];
        if ((word & bit) != 0)
        {
            return false;
        }

        word |= bit;
        return true;
    }

    private void Advance(long index)
    {
        Debug.Assert(index >= _next);
        if (index - _next >= WindowIds)
        {
            _seen.AsSpan().Clear();
        }
        else
        {
            for (long i = _next; i <= index; i++)
            {
                int slot = (int)(i % WindowIds);
                _seen[slot / BitsPerWord] &= ~(1UL << (slot % BitsPerWord));
            }
        }

        _next = index + 1;
    }
}

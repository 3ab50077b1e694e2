using System;

namespace EdgeMesh.Forwarding.Queues;

/// <summary>Which flow has which queue: in its set a flow takes one that no other flow has.</summary>
/// <remarks>
/// If there is none, it is a stranger in the queue that its hash says. While strangers wait in a set, nobody in it gets
/// a new queue: a flow whose packets wait as a stranger's would overtake itself in one of its own.
/// </remarks>
internal sealed class FlowSets(int queueCount)
{
    /// <summary>Queues among which a flow looks for one of its own. A power of two.</summary>
    public const int Ways = 8;

    private readonly uint[] _tags = new uint[queueCount];          // the hash of the flow that has it or had it last
    private readonly int[] _strangers = new int[queueCount / Ways]; // per set, packets in a queue of another flow

    /// <summary>Of no queues.</summary>
    public static FlowSets Empty { get; } = new(0);

    /// <summary>Finds the queue of a flow, or makes a free one its own.</summary>
    public int FindQueue(FlowState[] flows, uint flowHash)
    {
        int own = (int)(flowHash % (uint)flows.Length);
        int first = own & ~(Ways - 1);
        int found = _tags.AsSpan(first, Ways).IndexOf(flowHash);
        if (found >= 0)
        {
            return first + found;
        }

        for (int index = first; index < first + Ways && _strangers[first / Ways] == 0; index++)
        {
            if (!flows[index].IsListed)
            {
                _tags[index] = flowHash;
                flows[index].CoDel = default;
                flows[index].Begun = 0;
                return index;
            }
        }

        return own;
    }

    /// <summary>A packet of the flow was put into the queue.</summary>
    public void HandleQueued(int index, uint flowHash) => _strangers[index / Ways] += flowHash == _tags[index] ? 0 : 1;

    /// <summary>A packet of the flow was taken from the queue.</summary>
    public void HandleTaken(int index, uint flowHash) => _strangers[index / Ways] -= flowHash == _tags[index] ? 0 : 1;
}

namespace EdgeMesh.Forwarding.Queues;

/// <summary>A list of flows, linked through their states.</summary>
internal struct FlowList
{
    private const int None = -1;
    private int _first;
    private int _last;

    public static FlowList Empty => new() { _first = None, _last = None };

    public readonly bool IsEmpty => _first == None;

    public readonly int First => _first;

    public void Append(FlowState[] flows, int index)
    {
        flows[index].Next = None;
        if (_first == None)
        {
            _first = index;
        }
        else
        {
            flows[_last].Next = index;
        }

        _last = index;
    }

    public int TakeFirst(FlowState[] flows)
    {
        int index = _first;
        _first = flows[index].Next;
        return index;
    }
}

using System;

namespace EdgeMesh.SimulationTests.Queues;

/// <summary>
/// A sender of UDP datagrams at a fixed rate, whatever arrives: each larger than the MTU leaves as fragments, at once.
/// </summary>
internal sealed class DatagramFlow(int datagramBytes, long bitsPerSecond, uint firstId) : Flow
{
    private const int FragmentBytesMax = 1500;
    private const int HeaderBytes = 20;
    private const int FragmentsMax = 64;
    private const int PayloadBytesMax = (FragmentBytesMax - HeaderBytes) / 8 * 8; // RFC 791 §3.2: units of 8 bytes

    private readonly int _fragments = (datagramBytes + PayloadBytesMax - 1) / PayloadBytesMax;
    private long _datagrams;
    private long _current = -1;
    private int _arrived;

    /// <summary>Bytes of datagrams of which every fragment arrived.</summary>
    public long WholeBytes { get; private set; }

    public override void HandleArrival(long number, bool isMarked)
    {
        // One flow keeps its order, so a datagram is whole if all of its fragments come before those of the next.
        if (number / FragmentsMax != _current)
        {
            _current = number / FragmentsMax;
            _arrived = 0;
        }

        if (++_arrived == _fragments)
        {
            WholeBytes += datagramBytes + (_fragments * HeaderBytes);
        }
    }

    protected override void Begin()
    {
        uint id = _fragments == 1 ? 0 : unchecked(firstId + (uint)_datagrams);
        int rest = datagramBytes;
        for (int i = 0; i < _fragments; i++)
        {
            int payload = Math.Min(rest, PayloadBytesMax);
            Link.Send(this, (_datagrams * FragmentsMax) + i, Math.Max(payload + HeaderBytes, 48), id);
            rest -= payload;
        }

        _datagrams++;
        Link.After(TimeSpan.FromSeconds(datagramBytes * 8.0 / bitsPerSecond), Begin);
    }
}

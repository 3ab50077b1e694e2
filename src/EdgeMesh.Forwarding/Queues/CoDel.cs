using System;
using EdgeMesh.Packets;

namespace EdgeMesh.Forwarding.Queues;

/// <summary>
/// One flow's controlled delay (RFC 8289 §5): decides for each packet that leaves whether to drop or mark it.
/// </summary>
internal struct CoDel
{
    private Instant _firstAbove; // when waiting will have been above the target for an interval; default: it isn't
    private Instant _dropNext;
    private int _count;          // drops since dropping began
    private int _lastCount;
    private bool _isDropping;

    /// <summary>Decides about the packet that is leaving.</summary>
    /// <param name="now">Now.</param>
    /// <param name="sojourn">How long the packet waited.</param>
    /// <param name="isLastOfFlow">Less than a packet is left after it: then the queue isn't the problem.</param>
    /// <param name="target">Waiting that is fine for ever.</param>
    /// <param name="interval">How long the waiting must stay above it.</param>
    /// <returns>True: drop or mark it. If dropped, ask again for the next one.</returns>
    public bool ShouldDrop(Instant now, TimeSpan sojourn, bool isLastOfFlow, TimeSpan target, TimeSpan interval)
    {
        bool isOkToDrop = IsAboveForAnInterval(now, sojourn, isLastOfFlow, target, interval);
        if (_isDropping)
        {
            if (!isOkToDrop)
            {
                _isDropping = false;
                return false;
            }

            if (now < _dropNext)
            {
                return false;
            }

            _count++;
            _dropNext = ControlLaw(_dropNext, interval);
            return true;
        }

        if (!isOkToDrop)
        {
            return false;
        }

        // Dropping began not long ago: go on near the rate that controlled the queue then (RFC 8289 §5.4).
        int since = _count - _lastCount;
        bool isRecent = now - _dropNext < interval * 16;
        _isDropping = true;
        _count = isRecent && since > 1 ? since : 1;
        _lastCount = _count;
        _dropNext = ControlLaw(now, interval);
        return true;
    }

    /// <summary>The flow ran empty.</summary>
    public void HandleEmpty()
    {
        _firstAbove = default;
        _isDropping = false;
    }

    private bool IsAboveForAnInterval(
        Instant now, TimeSpan sojourn, bool isLastOfFlow, TimeSpan target, TimeSpan interval)
    {
        if (sojourn < target || isLastOfFlow)
        {
            _firstAbove = default;
            return false;
        }

        if (_firstAbove == default)
        {
            _firstAbove = now + interval;
            return false;
        }

        return now >= _firstAbove;
    }

    private readonly Instant ControlLaw(Instant from, TimeSpan interval) =>
        from + new TimeSpan((long)(interval.Ticks / Math.Sqrt(_count)));
}

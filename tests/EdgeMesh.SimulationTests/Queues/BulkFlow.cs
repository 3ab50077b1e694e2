using System;

namespace EdgeMesh.SimulationTests.Queues;

/// <summary>
/// A sender that always has more, with Reno's window: one packet more each round trip, half of it after a loss or mark
/// (RFC 5681, RFC 3168).
/// </summary>
internal sealed class BulkFlow(int packetBytes, TimeSpan roundTrip) : Flow
{
    private const double WindowMin = 2;
    private static readonly TimeSpan RetransmissionTimeout = TimeSpan.FromMilliseconds(200);

    private double _window = 10;
    private double _threshold = double.MaxValue;
    private long _next;
    private long _expected;
    private long _inFlight;
    private long _recoverUntil = -1;
    private long _progress;

    public override void HandleArrival(long number, bool isMarked)
    {
        // Packets of one flow do not overtake each other, so a gap is a loss.
        long lost = number - _expected;
        _expected = number + 1;
        Link.After(roundTrip, () => HandleAcknowledgement(number, lost, isMarked));
    }

    protected override void Begin()
    {
        SendMore();
        Watch();
    }

    private void HandleAcknowledgement(long number, long lost, bool isMarked)
    {
        _progress++;
        _inFlight = Math.Max(0, _inFlight - 1 - lost);
        if ((lost > 0 || isMarked) && number > _recoverUntil)
        {
            _threshold = _window = Math.Max(WindowMin, _window / 2);
            _recoverUntil = _next;
        }
        else
        {
            _window += _window < _threshold ? 1 : 1 / _window;
        }

        SendMore();
    }

    private void SendMore()
    {
        while (_inFlight < (long)_window)
        {
            _inFlight++;
            Link.Send(this, _next++, packetBytes);
        }
    }

    private void Watch()
    {
        long seen = _progress;
        Link.After(RetransmissionTimeout + roundTrip, () =>
        {
            if (_progress == seen)
            {
                _inFlight = 0;
                _window = WindowMin;
                SendMore();
            }

            Watch();
        });
    }
}

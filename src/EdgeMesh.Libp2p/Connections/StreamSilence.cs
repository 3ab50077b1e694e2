using System;

namespace EdgeMesh.Libp2p.Connections;

/// <summary>Resets a stream on which nothing happens for too long.</summary>
internal sealed class StreamSilence : IDisposable
{
    private readonly ConnectionStream _stream;
    private readonly ConnectionTime _time;
    private readonly TimeSpan _timeMax;
    private readonly ConnectionTimer _timer;
    private long _due;

    public StreamSilence(ConnectionStream stream, TimeSpan timeMax)
    {
        _stream = stream;
        _time = stream.Connection.Time;
        _timeMax = timeMax;
        _timer = _time.CreateTimer(static silence => ((StreamSilence)silence!).HandleTimer(), this);
        Break();
        _timer.Schedule(_due);
    }

    /// <summary>Something happened: the time begins again. Costs no more than reading the clock.</summary>
    public void Break() => _due = _time.After(_timeMax);

    /// <summary>The stream may be silent.</summary>
    public void Dispose() => _timer.Cancel();

    private void HandleTimer()
    {
        if (_time.Now < _due)
        {
            _timer.Schedule(_due);
        }
        else
        {
            _stream.Reset();
        }
    }
}

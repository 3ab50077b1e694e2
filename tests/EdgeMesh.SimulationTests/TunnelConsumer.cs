using System;
using System.Threading.Tasks;
using EdgeMesh.Libp2p.Connections;
using EdgeMesh.Libp2p.Yamux;
using Xunit;

namespace EdgeMesh.SimulationTests;

/// <summary>One end of a tunnel: sends frames of random sizes as fast as it may, checks what comes, and closes when
/// both are through.</summary>
internal sealed class TunnelConsumer(int frames, int seed) : InlineConsumer
{
    private readonly Random _random = new(seed);
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private InlineStream? _stream;
    private byte[] _frame = [];
    private long _sentBytes;
    private int _sentFrames;
    private bool _hasOpenBatch;

    /// <summary>Completes when the tunnel is over.</summary>
    public Task Done => _done.Task;

    public long SentBytes => _sentBytes;

    public long ReceivedBytes { get; private set; }

    public StreamEnd End { get; private set; }

    public uint Id => _stream?.Id ?? 0;

    /// <summary>Whether the batches that began also ended.</summary>
    public bool IsBalanced => !_hasOpenBatch;

    public override void Opened(InlineStream stream)
    {
        Assert.Null(_stream);
        _stream = stream;
        Send();
    }

    public override void Receive(Span<byte> data)
    {
        Assert.Equal(StreamEnd.None, End);
        Assert.False(data.IsEmpty);
        _hasOpenBatch = true;
        MixOfStreams.Check(_stream!.Id, ReceivedBytes, data);
        ReceivedBytes += data.Length;

        // Dead after the batch: nobody may rely on what was here.
        data.Fill(0xee);
    }

    public override void EndOfBatch() => _hasOpenBatch = false;

    public override void Writable() => Send();

    public override void Closed(StreamEnd end)
    {
        Assert.Equal(StreamEnd.None, End);
        Assert.False(_hasOpenBatch);
        End = end;
        _done.TrySetResult();
    }

    private void Send()
    {
        while (_sentFrames < frames)
        {
            if (_frame.Length == 0)
            {
                _frame = MakeFrame();
            }

            if (!_stream!.TryWrite(_frame))
            {
                _stream.Flush();
                return;
            }

            _sentBytes += _frame.Length - YamuxHeader.SizeBytes;
            _sentFrames++;
            _frame = [];
        }

        _stream!.Flush();
        if (frames > 0)
        {
            _stream.Close();
        }
    }

    private byte[] MakeFrame()
    {
        int length = _random.Next(8) == 0 ? _random.Next(1, YamuxLimits.PayloadBytesMax + 1) : _random.Next(1, 1500);
        byte[] frame = new byte[YamuxHeader.SizeBytes + length];
        MixOfStreams.Fill(_stream!.Id, _sentBytes, frame.AsSpan(YamuxHeader.SizeBytes));
        return frame;
    }
}

using System;
using System.Buffers;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using System.Threading.Tasks.Sources;
using EdgeMesh.SimulationTests.Simulation;

namespace EdgeMesh.UnitTests.Libp2p.Connections;

/// <summary>One direction of a byte stream in one array, as a worker's TCP connection has it: no allocation per
/// operation, read results in one piece, writes allowed while a flush is on its way.</summary>
internal sealed class LinearPipe : IValueTaskSource<ReadResult>, IValueTaskSource<FlushResult>
{
    private const int CapacityBytes = 2 * 1024 * 1024;

    private readonly SimulatedLoop _loop;
    private readonly int _pauseBytes;
    private readonly byte[] _bytes = new byte[CapacityBytes];
    private int _begin;     // first unread byte
    private int _flushed;   // end of what the reader may see
    private int _end;       // end of what was written
    private int _examined;
    private bool _isCompleted;
    private (Action<object?>? Action, object? State) _reader;
    private (Action<object?>? Action, object? State) _writer;

    public LinearPipe(SimulatedLoop loop, int pauseBytes)
    {
        _loop = loop;
        _pauseBytes = pauseBytes;
        Reader = new End(this);
        Writer = new Begin(this);
    }

    public PipeReader Reader { get; }

    public PipeWriter Writer { get; }

    /// <summary>Bytes written and not read: what the other side has not taken.</summary>
    public int WaitingBytes => _end - _begin;

    private bool CanRead => _flushed > _examined || _isCompleted;

    private bool CanFlush => _flushed - _begin < _pauseBytes;

    public static (IDuplexPipe Left, IDuplexPipe Right, LinearPipe There, LinearPipe Back) MakePair(
        SimulatedLoop loop, int pauseBytes = CapacityBytes / 4)
    {
        var there = new LinearPipe(loop, pauseBytes);
        var back = new LinearPipe(loop, pauseBytes);
        return (new Side(back.Reader, there.Writer), new Side(there.Reader, back.Writer), there, back);
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token) => Result();

    FlushResult IValueTaskSource<FlushResult>.GetResult(short token) => default;

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) =>
        CanRead ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Pending;

    ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token) =>
        CanFlush ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Pending;

    void IValueTaskSource<ReadResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        _reader = (continuation, state);
        WakeReader();
    }

    void IValueTaskSource<FlushResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        _writer = (continuation, state);
        WakeWriter();
    }

    private ReadResult Result() =>
        new(new ReadOnlySequence<byte>(_bytes, _begin, _flushed - _begin), isCanceled: false, _isCompleted);

    private void WakeReader()
    {
        if (CanRead && _reader.Action is not null)
        {
            _loop.Enqueue(_reader.Action, _reader.State);
            _reader = default;
        }
    }

    private void WakeWriter()
    {
        if (CanFlush && _writer.Action is not null)
        {
            _loop.Enqueue(_writer.Action, _writer.State);
            _writer = default;
        }
    }

    private sealed class Side(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input { get; } = input;

        public PipeWriter Output { get; } = output;
    }

    private sealed class End(LinearPipe pipe) : PipeReader
    {
        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
            pipe.CanRead ? new ValueTask<ReadResult>(pipe.Result()) : new ValueTask<ReadResult>(pipe, 0);

        public override bool TryRead(out ReadResult result)
        {
            result = pipe.CanRead ? pipe.Result() : default;
            return pipe.CanRead;
        }

        public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
            pipe._begin = consumed.GetInteger();
            pipe._examined = examined.GetInteger();
            if (pipe._begin == pipe._end)
            {
                pipe._begin = pipe._flushed = pipe._end = pipe._examined = 0;
            }

            pipe.WakeWriter();
        }

        public override void CancelPendingRead() => Complete();

        public override void Complete(Exception? exception = null)
        {
            pipe._isCompleted = true;
            pipe.WakeReader();
        }
    }

    private sealed class Begin(LinearPipe pipe) : PipeWriter
    {
        public override void Advance(int bytes) => pipe._end += bytes;

        public override Memory<byte> GetMemory(int sizeHint = 0) => pipe._bytes.AsMemory(pipe._end);

        public override Span<byte> GetSpan(int sizeHint = 0) => pipe._bytes.AsSpan(pipe._end);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            pipe._flushed = pipe._end;
            pipe.WakeReader();
            return pipe.CanFlush ? default : new ValueTask<FlushResult>(pipe, 0);
        }

        public override void CancelPendingFlush()
        {
        }

        public override void Complete(Exception? exception = null)
        {
            pipe._flushed = pipe._end;
            pipe._isCompleted = true;
            pipe.WakeReader();
        }
    }
}

using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO;
using System.IO.Pipelines;
using System.Threading.Tasks;

namespace EdgeMesh.SimulationTests.Simulation;

/// <summary>A byte stream between two ends, as TCP gives it: in order, late, in pieces, until it is cut.</summary>
public sealed class SimulatedLink
{
    private readonly Direction _there;
    private readonly Direction _back;

    public SimulatedLink(SimulatedLoop loop, Random random, SimulatedLinkOptions options)
    {
        _there = new Direction(loop, random, options);
        _back = new Direction(loop, random, options);
        Left = new End(_back.Reader, _there.Writer);
        Right = new End(_there.Reader, _back.Writer);
    }

    public IDuplexPipe Left { get; }

    public IDuplexPipe Right { get; }

    /// <summary>Bytes that have arrived, both ways.</summary>
    public long ArrivedBytes => _there.ArrivedBytes + _back.ArrivedBytes;

    /// <summary>Both ends see a reset; what is on the way is lost.</summary>
    public void Cut()
    {
        _there.Cut();
        _back.Cut();
    }

    /// <summary>Nothing arrives any more, and nobody is told: a cable that was pulled.</summary>
    public void Silence()
    {
        _there.IsSilent = true;
        _back.IsSilent = true;
    }

    private sealed class End(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input { get; } = input;

        public PipeWriter Output { get; } = output;
    }

    private sealed class Direction
    {
        private readonly SimulatedLoop _loop;
        private readonly Random _random;
        private readonly SimulatedLinkOptions _options;
        private readonly Pipe _entry;
        private readonly Pipe _exit;
        private readonly Queue<(long Due, byte[] Bytes)> _onTheWay = new();
        private TaskCompletionSource? _arrived;
        private TaskCompletionSource? _sent;
        private long _bytesOnTheWay;
        private bool _isEnded;
        private bool _isCut;

        public Direction(SimulatedLoop loop, Random random, SimulatedLinkOptions options)
        {
            _loop = loop;
            _random = random;
            _options = options;
            var pipeOptions = new PipeOptions(
                readerScheduler: PipeScheduler.Inline,
                writerScheduler: PipeScheduler.Inline,
                pauseWriterThreshold: options.BufferBytes,
                resumeWriterThreshold: options.BufferBytes / 2);
            _entry = new Pipe(pipeOptions);
            _exit = new Pipe(pipeOptions);
            _ = SendAsync();
            _ = ArriveAsync();
        }

        public PipeReader Reader => _exit.Reader;

        public PipeWriter Writer => _entry.Writer;

        public long ArrivedBytes { get; private set; }

        public bool IsSilent { get; set; }

        public void Cut()
        {
            _isCut = true;
            _exit.Writer.Complete(new IOException("connection reset by peer"));
            _entry.Reader.CancelPendingRead();
            _sent?.TrySetResult();
        }

        private async Task SendAsync()
        {
            while (!_isCut)
            {
                ReadResult result = await _entry.Reader.ReadAsync();
                ReadOnlySequence<byte> rest = result.Buffer;
                while (!rest.IsEmpty && !_isCut)
                {
                    int length = (int)Math.Min(rest.Length, _random.Next(1, _options.PieceBytesMax + 1));
                    long jitter = (long)(_random.NextDouble() * _options.JitterMax.Ticks);
                    long delay = (_options.Delay.Ticks + jitter) * TimeSpan.NanosecondsPerTick;
                    _onTheWay.Enqueue((_loop.Now + delay, rest.Slice(0, length).ToArray()));
                    _bytesOnTheWay += length;
                    rest = rest.Slice(length);
                    _sent?.TrySetResult();
                    while (_bytesOnTheWay >= _options.BufferBytes && !_isCut)
                    {
                        _arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                        await _arrived.Task;
                    }
                }

                _entry.Reader.AdvanceTo(rest.End);
                if (result.IsCompleted)
                {
                    break;
                }
            }

            await _entry.Reader.CompleteAsync();
            _isEnded = true;
            _sent?.TrySetResult();
        }

        private async Task ArriveAsync()
        {
            while (!_isCut)
            {
                if (!_onTheWay.TryDequeue(out (long Due, byte[] Bytes) piece))
                {
                    if (_isEnded)
                    {
                        break;
                    }

                    _sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    await _sent.Task;
                    continue;
                }

                await _loop.DelayAsync(TimeSpan.FromTicks(
                    Math.Max(0, piece.Due - _loop.Now) / TimeSpan.NanosecondsPerTick));
                if (_isCut)
                {
                    break;
                }

                if (!IsSilent)
                {
                    ArrivedBytes += piece.Bytes.Length;
                    FlushResult flush = await _exit.Writer.WriteAsync(piece.Bytes);
                    if (flush.IsCompleted)
                    {
                        // The reader is gone: a real socket would answer with a reset.
                        _entry.Reader.CancelPendingRead();
                        _isCut = true;
                    }
                }

                _bytesOnTheWay -= piece.Bytes.Length;
                _arrived?.TrySetResult();
            }

            _arrived?.TrySetResult();
            if (!IsSilent)
            {
                await _exit.Writer.CompleteAsync();
            }
        }
    }
}

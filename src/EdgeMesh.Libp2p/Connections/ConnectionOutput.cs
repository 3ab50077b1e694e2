using System;
using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Threading.Tasks;
using EdgeMesh.Noise;

namespace EdgeMesh.Libp2p.Connections;

/// <summary>The sending half of a connection: seals plaintext into the transport's own memory.</summary>
/// <remarks>
/// While a flush is on its way, more may be written up to <see cref="ConnectionLimits.UnflushedBytesMax"/>; it leaves
/// with the next flush. Allocates nothing per message.
/// </remarks>
internal sealed class ConnectionOutput
{
    private const int OverheadBytes = NoiseLimits.LengthBytes + NoiseLimits.TagBytes;

    private readonly PipeWriter _writer;
    private readonly CipherState _cipher;
    private readonly ConnectionTime _time;
    private readonly Action _handleFlushed;
    private readonly Action<Exception?> _handleBroken;
    private readonly Action _handleWritable;
    private ValueTaskAwaiter<FlushResult> _flush;
    private TaskCompletionSource? _idle;
    private int _unflushedBytes;
    private bool _isBroken;

    /// <summary>Writes nothing yet.</summary>
    /// <param name="writer">Where the messages go.</param>
    /// <param name="cipher">Seals them.</param>
    /// <param name="time">The connection's clock.</param>
    /// <param name="handleWritable">Called when a flush that had to wait is done.</param>
    /// <param name="handleBroken">Called once when the transport takes nothing any more: null if the peer closed
    /// it.</param>
    public ConnectionOutput(
        PipeWriter writer,
        CipherState cipher,
        ConnectionTime time,
        Action handleWritable,
        Action<Exception?> handleBroken)
    {
        _writer = writer;
        _cipher = cipher;
        _time = time;
        _handleWritable = handleWritable;
        _handleBroken = handleBroken;
        _handleFlushed = HandleFlushed;
    }

    /// <summary>Whether a flush is on its way.</summary>
    public bool IsFlushing { get; private set; }

    /// <summary>When the flush on its way began.</summary>
    public long FlushingSince { get; private set; }

    /// <summary>Bytes written, Noise included.</summary>
    public long SentBytes { get; private set; }

    /// <summary>Plaintext that one message may hold now; not positive: wait.</summary>
    public int RoomBytes => RoomWithin(ConnectionLimits.UnflushedBytesMax);

    /// <summary>Payload that several full frames may hold now.</summary>
    public int BurstRoomBytes => _isBroken
        ? 0
        : Math.Max(0, ConnectionLimits.UnflushedBytesMax - _unflushedBytes - ConnectionLimits.BurstOverheadBytes);

    /// <summary>The same for frames without payload, which may use the reserve.</summary>
    public int ControlRoomBytes =>
        RoomWithin(ConnectionLimits.UnflushedBytesMax + ConnectionLimits.ControlReserveBytes);

    /// <summary>Seals one message. The caller has looked at the room.</summary>
    public void Write(ReadOnlySpan<byte> plaintext)
    {
        Debug.Assert(plaintext.Length <= ControlRoomBytes);
        int ciphertextBytes = plaintext.Length + NoiseLimits.TagBytes;
        int messageBytes = NoiseLimits.LengthBytes + ciphertextBytes;
        Span<byte> message = _writer.GetSpan(messageBytes);
        BinaryPrimitives.WriteUInt16BigEndian(message, (ushort)ciphertextBytes);
        _cipher.Seal(plaintext, message.Slice(NoiseLimits.LengthBytes, ciphertextBytes));
        _writer.Advance(messageBytes);
        _unflushedBytes += messageBytes;
        SentBytes += messageBytes;
    }

    /// <summary>Hands what was written to the transport, unless a flush is on its way already.</summary>
    public void Flush()
    {
        if (IsFlushing || _isBroken || _unflushedBytes == 0)
        {
            return;
        }

        _unflushedBytes = 0;
        try
        {
            // By hand, not by await: a state machine would allocate each time. The continuation comes back to this
            // thread, because the awaiter keeps its context.
#pragma warning disable CA2012 // Consumed exactly once, in HandleResult.
            _flush = _writer.FlushAsync().GetAwaiter();
#pragma warning restore CA2012
            if (_flush.IsCompleted)
            {
                HandleResult();
                return;
            }

            IsFlushing = true;
            FlushingSince = _time.Now;
            _flush.UnsafeOnCompleted(_handleFlushed);
        }
#pragma warning disable CA1031 // Whatever a transport throws, it takes nothing any more: the connection ends.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Break(failure);
        }
    }

    /// <summary>Completes when no flush is on its way, or at <see cref="StopWaiting"/>.</summary>
    public Task WaitIdleAsync()
    {
        if (!IsFlushing)
        {
            return Task.CompletedTask;
        }

        _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _idle.Task;
    }

    /// <summary>Whoever waits for the flush waits no longer.</summary>
    public void StopWaiting()
    {
        _idle?.TrySetResult();
        _idle = null;
    }

    /// <summary>Ends the transport's sending half.</summary>
    public void Complete()
    {
        bool isClean = !IsFlushing && !_isBroken && _unflushedBytes == 0;
        _isBroken = true;

        // With an exception a stock writer throws its buffer away; without, it would write it, blocking the thread.
        _writer.Complete(isClean ? null : new StreamException(StreamEnd.ConnectionEnded));
    }

    private int RoomWithin(int bytesMax) =>
        _isBroken ? 0 : Math.Min(bytesMax - _unflushedBytes - OverheadBytes, NoiseLimits.PlaintextBytesMax);

    private void HandleFlushed()
    {
        IsFlushing = false;
        StopWaiting();
        if (_isBroken)
        {
            return;
        }

        try
        {
            HandleResult();
        }
#pragma warning disable CA1031 // As above.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Break(failure);
            return;
        }

        if (!_isBroken)
        {
            _handleWritable();
        }
    }

    private void HandleResult()
    {
#pragma warning disable VSTHRD002 // It is complete.
        FlushResult result = _flush.GetResult();
#pragma warning restore VSTHRD002
        if (result.IsCompleted)
        {
            Break(null);
        }
    }

    private void Break(Exception? failure)
    {
        _isBroken = true;
        _handleBroken(failure);
    }
}

using System;
using System.Collections.Generic;
using System.Diagnostics;
using EdgeMesh.Io.Loops;
using EdgeMesh.Native;
using EdgeMesh.Native.Epoll;
using EdgeMesh.Native.Sockets;

namespace EdgeMesh.Io.Epoll;

/// <summary>The loop on epoll: operations are tried at once, and again when their descriptor becomes ready.</summary>
internal sealed class EpollLoop : EventLoop
{
    private readonly EpollSet _set = new();
    private readonly Dictionary<int, Watch> _watches = [];
    private readonly DirectPackets _direct = new();
    private long _systemCalls;
    private int _pending;

    public EpollLoop()
    {
        _set.Add(WakeDescriptor, WakeDescriptor);
    }

    public override string BackendName => "epoll";

    public override IReadOnlyList<string> Features { get; } = ["edge_triggered"];

    public override long SystemCalls => _systemCalls;

    private protected override int PendingOperations => _pending;

    internal override void Start(LoopOperation operation)
    {
        operation.Begin();
        if (IsClosing)
        {
            End(operation, -Errno.ECANCELED);
            return;
        }

        int errno = TryWatch(operation, out Watch watch);
        if (errno != 0)
        {
            End(operation, -errno); // as if the kernel had refused the operation itself
            return;
        }

        _pending++;
        if (operation.Kind is OperationKind.Send or OperationKind.Connect)
        {
            Debug.Assert(watch.Writer is null, "one send or connect at a time");
            watch.Writer = operation;
            Try(watch, operation, isReady: false);
        }
        else
        {
            Debug.Assert(watch.Reader is null, "one read at a time");
            watch.Reader = operation;
            if (watch.IsReadable)
            {
                Try(watch, operation, isReady: true);
            }
        }
    }

    internal override void Cancel(LoopOperation operation)
    {
        if (_watches.TryGetValue(operation.Descriptor, out Watch? watch) && watch.Remove(operation))
        {
            _pending--;
            End(operation, -Errno.ECANCELED);
        }
    }

    internal override void Forget(int descriptor)
    {
        if (_watches.Remove(descriptor, out Watch? watch))
        {
            _set.Remove(descriptor);
            Debug.Assert(watch.Reader is null, "a descriptor is closed after its operations end");
            Debug.Assert(watch.Writer is null, "a descriptor is closed after its operations end");
        }
    }

    internal override void CountSystemCall() => _systemCalls++;

    internal override void ReadPackets(int descriptor, Span<PacketRead> reads)
    {
        _systemCalls += DirectPackets.Read(descriptor, reads);
        if (reads[^1].Result == -Errno.EAGAIN && _watches.TryGetValue(descriptor, out Watch? watch))
        {
            watch.IsReadable = false;
        }
    }

    internal override void WritePackets(int descriptor, Span<PacketWrite> writes) =>
        _systemCalls += _direct.Write(descriptor, writes);

    private protected override void WaitForKernel(long nanosecondsMax)
    {
        // epoll counts in milliseconds; rounded up, so that a timer is never waited for in a circle.
        long rounded = (nanosecondsMax / 1_000_000) + (nanosecondsMax % 1_000_000 > 0 ? 1 : 0);
        int milliseconds = nanosecondsMax < 0 ? -1 : (int)Math.Min(rounded, int.MaxValue);
        int count = _set.Wait(milliseconds);
        _systemCalls++;
        for (int i = 0; i < count; i++)
        {
            (long token, bool isReadable, bool isWritable) = _set.EventAt(i);
            if (token == WakeDescriptor)
            {
                ClearWake();
            }
            else if (_watches.TryGetValue((int)token, out Watch? watch))
            {
                watch.IsReadable |= isReadable;
                if (isReadable && watch.Reader is { } reader)
                {
                    Try(watch, reader, isReady: true);
                }

                if (isWritable && watch.Writer is { } writer)
                {
                    Try(watch, writer, isReady: true);
                }
            }
        }
    }

    private protected override void CancelAll()
    {
        foreach (Watch watch in _watches.Values)
        {
            if (watch.Reader is { } reader)
            {
                Cancel(reader);
            }

            if (watch.Writer is { } writer)
            {
                Cancel(writer);
            }
        }
    }

    private protected override void Close() => _set.Dispose();

    private int TryWatch(LoopOperation operation, out Watch watch)
    {
        int descriptor = operation.Descriptor;
        if (_watches.TryGetValue(descriptor, out Watch? found))
        {
            watch = found;
            return 0;
        }

        // These calls have no flag of their own that says "don't wait".
        if (operation.Kind is OperationKind.Accept or OperationKind.Read or OperationKind.Connect)
        {
            FileCalls.SetNonBlocking(descriptor, isNonBlocking: true);
        }

        watch = new Watch();
        int errno = _set.Add(descriptor, descriptor);
        if (errno == 0)
        {
            _watches.Add(descriptor, watch);
        }

        return errno;
    }

    private void Try(Watch watch, LoopOperation operation, bool isReady)
    {
        int result = Attempt(operation, isReady);
        if (result == -Errno.EINTR)
        {
            Try(watch, operation, isReady);
            return;
        }

        if (result is -Errno.EAGAIN or -Errno.EINPROGRESS)
        {
            watch.IsReadable &= !ReferenceEquals(watch.Reader, operation);
            return; // the next edge tries again
        }

        if (operation.Kind == OperationKind.Send && result > 0)
        {
            operation.Moved += result;
            if (operation.Moved < operation.Length)
            {
                Try(watch, operation, isReady);
                return;
            }

            result = operation.Moved;
        }

        watch.Remove(operation);
        _pending--;
        End(operation, result);
    }

    private int Attempt(LoopOperation operation, bool isReady)
    {
        _systemCalls++;
        return operation.Kind switch
        {
            OperationKind.Receive => TcpSocket.Receive(operation.Descriptor, operation.Address, operation.Length),
            OperationKind.Send => TcpSocket.Send(
                operation.Descriptor, operation.Address + operation.Moved, operation.Length - operation.Moved),
            OperationKind.Accept => TcpSocket.Accept(operation.Descriptor),
            OperationKind.Connect => isReady
                ? TcpSocket.TakeError(operation.Descriptor)
                : TcpSocket.Connect(operation.Descriptor, operation.Address, operation.Length),
            _ => FileCalls.Read(operation.Descriptor, operation.Address, operation.Length),
        };
    }

    private sealed class Watch
    {
        /// <summary>Whether an edge came that no EAGAIN has used up.</summary>
        public bool IsReadable { get; set; }

        public LoopOperation? Reader { get; set; }

        public LoopOperation? Writer { get; set; }

        public bool Remove(LoopOperation operation)
        {
            if (ReferenceEquals(Reader, operation))
            {
                Reader = null;
                return true;
            }

            if (ReferenceEquals(Writer, operation))
            {
                Writer = null;
                return true;
            }

            return false;
        }
    }
}

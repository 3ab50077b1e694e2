using System;
using System.Threading.Tasks;
using EdgeMesh.Io.Loops;
using EdgeMesh.Native;
using EdgeMesh.Native.Sockets;
using EdgeMesh.Packets;
using EdgeMesh.Underlay;

namespace EdgeMesh.Io.Tun;

/// <summary>One queue of a TUN device: what pods send comes in, what pods get goes out.</summary>
/// <remarks><see cref="TunPipe"/> makes a pipe of it.</remarks>
public sealed class TunQueue : PacketDevice
{
    private readonly EventLoop _loop;
    private readonly string _name;
    private readonly TunReader _reader;
    private readonly TunWriter _writer;
    private int _descriptor;
    private bool _isDisposed;

    internal TunQueue(
        string name, EventLoop loop, PacketPool pool, int descriptor, bool hasVnetHeader, DeviceOffloads offloads)
    {
        _name = name;
        _loop = loop;
        _descriptor = descriptor;
        _reader = new TunReader(this, loop, pool, descriptor, hasVnetHeader);
        _writer = new TunWriter(loop, descriptor, hasVnetHeader);
        Offloads = offloads;
    }

    /// <inheritdoc/>
    public override DeviceOffloads Offloads { get; }

    /// <inheritdoc/>
    public override long PoolExhausted => _reader.PoolExhausted;

    /// <summary>Packets read so far, those that found no slot included.</summary>
    public long PacketsRead => _reader.Packets;

    /// <summary>Packets that the kernel took so far.</summary>
    public long PacketsWritten => _writer.Packets;

    /// <summary>Packets that the kernel refused so far.</summary>
    public long PacketsRefused => _writer.Refused;

    /// <summary>Errno of the last refusal; 0 if there was none.</summary>
    public int LastError => _writer.LastError;

    /// <inheritdoc/>
    /// <exception cref="TunException">The link is gone.</exception>
    public override ValueTask<int> ReadAsync(Packet[] batch) => _reader.ReadAsync(batch);

    /// <inheritdoc/>
    public override void Write(Packet packet) => _writer.Write(packet);

    /// <inheritdoc/>
    public override void WriteBorrowed(ReadOnlySpan<byte> offloadHeader, ReadOnlySpan<byte> packet) =>
        _writer.WriteBorrowed(offloadHeader, packet);

    /// <inheritdoc/>
    public override int Flush() => _writer.Flush();

    /// <inheritdoc/>
    /// <remarks>As soon as the kernel has given back what it holds. The link stays.</remarks>
    public override void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _reader.Stop();
            AfterOperation();
        }
    }

    /// <summary>The reader's operation ended, and no other begins.</summary>
    internal void AfterOperation()
    {
        if (_isDisposed && _descriptor >= 0 && !_reader.IsPending)
        {
            _reader.Release();
            _writer.Release();
            _loop.Forget(_descriptor);
            TcpSocket.Close(_descriptor);
            _descriptor = -1;
        }
    }

    /// <summary>Says what went wrong with the link.</summary>
    internal TunException Explain(string doing, int errno) => new(
        errno switch
        {
            Errno.EBADFD or Errno.EFAULT =>
                $"the TUN link {_name} was deleted while it was in use: restart the data plane, which makes it again",
            Errno.EIO => $"the TUN link {_name} was taken down: bring it up (ip link set {_name} up)",
            Errno.ECANCELED => $"{doing} the TUN link {_name} ended: the event loop is closing",
            _ => $"{doing} the TUN link {_name} failed: {Errno.Describe(errno)} ({Errno.NameOf(errno)})",
        },
        errno);
}

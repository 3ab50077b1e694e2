using System;
using System.IO;
using System.IO.Pipelines;
using EdgeMesh.Addresses;
using EdgeMesh.Packets;
using EdgeMesh.Underlay;

namespace EdgeMesh.SimulationTests.Underlay;

/// <summary>A simulated byte stream as a pipe of one loop, with the habits of the product's TCP connection.</summary>
public sealed class SimulatedConnection : UnderlayConnection
{
    private readonly SimulatedNodeLoop _loop;
    private readonly SimulatedReader _input;
    private readonly SimulatedWriter _output;
    private SimulatedSocket? _socket;

    internal SimulatedConnection(SimulatedNodeLoop loop, SimulatedSocket socket, Random random, byte[] unread)
    {
        _loop = loop;
        _socket = socket;
        LocalAddress = Multiaddr.FromTcp(socket.Local);
        RemoteAddress = Multiaddr.FromTcp(socket.Remote);
        _input = new SimulatedReader(loop, socket, random, unread);
        _output = new SimulatedWriter(loop, socket);
        socket.Owner = this;
    }

    public override PipeReader Input => _input;

    public override PipeWriter Output => _output;

    public override Multiaddr LocalAddress { get; }

    public override Multiaddr RemoteAddress { get; }

    public override Instant HeardAt => _socket?.HeardAt ?? _loop.Now;

    public override bool CanMove => true;

    public override DetachedConnection Detach()
    {
        _loop.CheckOnLoop();
        if (_input.IsPending || _output.IsPending || _output.UnflushedBytes > 0 || _socket is null)
        {
            throw new InvalidOperationException("a connection moves between its reads and writes, not within one");
        }

        SimulatedSocket socket = _socket;
        _socket = null;
        socket.Owner = null;
        byte[] unread = _input.TakeUnread();
        _input.Stop();
        _output.Stop();
        return new SimulatedDetached(_loop.World, socket, unread);
    }

    public override void Abort() => Close(isReset: true);

    public override void Dispose() => Close(isReset: false);

    /// <summary>Makes the exception that says what a socket met.</summary>
    internal static IOException Explain(SocketEnd end, string doing) => new(end switch
    {
        SocketEnd.TimedOut => $"{doing}: nothing came back for too long (ETIMEDOUT)",
        SocketEnd.Closed or SocketEnd.Gone => $"{doing}: the connection was closed here (ECONNRESET)",
        _ => $"{doing}: the far end reset the connection (ECONNRESET)",
    });

    /// <summary>The kernel has something to read, or the end.</summary>
    internal void HandleReadable() => _input.HandleReadable();

    /// <summary>The kernel takes bytes again, or never will.</summary>
    internal void HandleWritable() => _output.HandleWritable();

    private void Close(bool isReset)
    {
        _loop.CheckOnLoop();
        if (_socket is { } socket)
        {
            _socket = null;
            _input.Stop();
            _output.Stop();
            socket.Close(isReset);
        }
    }
}

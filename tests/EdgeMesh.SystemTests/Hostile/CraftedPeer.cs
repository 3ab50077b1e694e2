using System;
using System.Buffers;
using System.Diagnostics;
using System.IO;
using System.IO.Pipelines;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Io;
using EdgeMesh.Io.Loops;
using EdgeMesh.Io.Sockets;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Libp2p.Connections;
using EdgeMesh.Libp2p.Identity;
using EdgeMesh.Libp2p.Security;
using EdgeMesh.UnitTests.Libp2p.Connections;

namespace EdgeMesh.SystemTests.Hostile;

/// <summary>
/// A peer that the mesh knows, in the hands of a test: it shakes hands properly and then writes into its tunnel stream
/// what it likes. Runs on a thread of its own inside a namespace.
/// </summary>
internal sealed class CraftedPeer
{
    public const string TunnelProtocol = "/edgemesh/packets/1.0.0";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Connection _connection;
    private readonly MuxedStream _stream;

    private CraftedPeer(Connection connection, MuxedStream stream)
    {
        _connection = connection;
        _stream = stream;
    }

    public Connection Connection => _connection;

    /// <summary>Its tunnel stream.</summary>
    public MuxedStream Stream => _stream;

    /// <summary>Dials a node and opens a tunnel stream, lets the test act, and closes.</summary>
    /// <param name="space">Where from.</param>
    /// <param name="identity">A key the mesh knows.</param>
    /// <param name="node">The node's underlay endpoint.</param>
    /// <param name="nodeId">The node's peer id.</param>
    /// <param name="hello">First bytes on the tunnel stream; a proper Hello if null.</param>
    /// <param name="actAsync">What the test does.</param>
    public static void Run(
        LabNamespace space,
        KeyPair identity,
        IPEndPoint node,
        string nodeId,
        byte[]? hello,
        Func<CraftedPeer, CancellationToken, Task> actAsync) => Turn(
        space,
        (loop, end) => RunAsync(loop, identity, node, nodeId, hello ?? ProperHello(), actAsync, end));

    /// <summary>Dials a node, and says with the end of the handshake all that it ever says.</summary>
    /// <param name="space">Where from.</param>
    /// <param name="identity">A key the mesh knows.</param>
    /// <param name="node">The node's underlay endpoint.</param>
    /// <param name="nodeId">The node's peer id.</param>
    /// <param name="frames">Frames of yamux; one message of Noise.</param>
    /// <param name="patience">How long to wait for the end.</param>
    /// <returns>Whether the node ended the connection.</returns>
    public static bool RunAtOnce(
        LabNamespace space,
        KeyPair identity,
        IPEndPoint node,
        string nodeId,
        byte[] frames,
        TimeSpan patience)
    {
        bool isEnded = false;
        Turn(space, async (loop, end) => isEnded = await SpeakAsync(
            loop, identity, node, nodeId, frames, patience, end));
        return isEnded;
    }

    private static void Turn(LabNamespace space, Func<EventLoop, CancellationToken, Task> runAsync)
    {
        space.Inside(() =>
        {
            using var loop = EventLoops.Open(IoBackend.Epoll);
            using var limit = new CancellationTokenSource(Patience);
            SynchronizationContext? outer = SynchronizationContext.Current;
            SynchronizationContext.SetSynchronizationContext(loop.Context);
            try
            {
                Task task = runAsync(loop, limit.Token);
                var clock = Stopwatch.StartNew();
                while (!task.IsCompleted && clock.Elapsed < Patience + TimeSpan.FromSeconds(5))
                {
                    loop.RunOnce(TimeSpan.FromMilliseconds(50));
                }

                task.GetAwaiter().GetResult();
                return true;
            }
            finally
            {
                SynchronizationContext.SetSynchronizationContext(outer);
            }
        });
    }

    public static byte[] ProperHello()
    {
        byte[] bytes = new byte[Hello.BytesMax];
        int length = new Hello { NodeName = "crafted", Features = (HelloFeatures)7 }.Write(bytes);
        return bytes[..length];
    }

    /// <summary>A capsule with any type and any announced length.</summary>
    public static byte[] CapsuleOf(byte type, ReadOnlySpan<byte> value, int? announced = null)
    {
        int length = announced ?? value.Length;
        byte[] bytes = new byte[Capsule.HeaderBytes + value.Length];
        bytes[0] = type;
        bytes[1] = (byte)((length >> 16) & 0xff);
        bytes[2] = (byte)((length >> 8) & 0xff);
        bytes[3] = (byte)(length & 0xff);
        value.CopyTo(bytes.AsSpan(Capsule.HeaderBytes));
        return bytes;
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation) =>
        await _stream.Output.WriteAsync(bytes, cancellation);

    /// <summary>Reads capsules until one carries a packet that the test looks for.</summary>
    /// <returns>False if the stream ended, or none came in time.</returns>
    public async Task<bool> ReceiveAsync(Func<byte[], bool> isLookedFor, TimeSpan timeout)
    {
        using var limit = new CancellationTokenSource(timeout);
        bool isHelloRead = false;
        try
        {
            while (true)
            {
                ReadResult result = await _stream.Input.ReadAsync(limit.Token);
                byte[] bytes = result.Buffer.ToArray();
                int used = Consume(bytes, ref isHelloRead, isLookedFor, out bool isFound);
                _stream.Input.AdvanceTo(result.Buffer.GetPosition(used), result.Buffer.End);
                if (isFound || result.IsCompleted)
                {
                    return isFound;
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or StreamException)
        {
            return false;
        }
    }

    /// <summary>Waits until the node ends the stream or the connection.</summary>
    /// <returns>False if it did not in time.</returns>
    public async Task<bool> WaitForEndAsync(TimeSpan timeout)
    {
        using var limit = new CancellationTokenSource(timeout);
        try
        {
            while (true)
            {
                ReadResult result = await _stream.Input.ReadAsync(limit.Token);
                _stream.Input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    return true;
                }
            }
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        catch (StreamException)
        {
            return true;
        }
    }

    private static async Task RunAsync(
        EventLoop loop,
        KeyPair identity,
        IPEndPoint node,
        string nodeId,
        byte[] hello,
        Func<CraftedPeer, CancellationToken, Task> actAsync,
        CancellationToken cancellation)
    {
        using TcpConnection transport = await TcpConnection.ConnectAsync(loop, node, cancellation);
        SecuredConnection secured = await NoiseUpgrade.UpgradeAsync(
            transport, isInitiator: true, identity, PeerId.Parse(nodeId), _ => true, cancellation);
        var connection = new Connection(transport, secured, new ConnectionOptions(), new ConnectionSetup());
        Task running = connection.RunAsync(cancellation);
        try
        {
            await using MuxedStream stream = await connection.OpenStreamAsync(TunnelProtocol, cancellation);
            var peer = new CraftedPeer(connection, stream);
            await peer.SendAsync(hello, cancellation);
            await actAsync(peer, cancellation);
        }
        finally
        {
            connection.Abort(CloseReason.Aborted);
            await running;
        }
    }

    private static async Task<bool> SpeakAsync(
        EventLoop loop,
        KeyPair identity,
        IPEndPoint node,
        string nodeId,
        byte[] frames,
        TimeSpan patience,
        CancellationToken cancellation)
    {
        using TcpConnection transport = await TcpConnection.ConnectAsync(loop, node, cancellation);
        using SecuredConnection secured = await NoiseUpgrade.UpgradeAsync(
            transport, isInitiator: true, identity, PeerId.Parse(nodeId), _ => true, cancellation);
        RawPeer.Send(transport.Output, secured, frames);
        await transport.Output.FlushAsync(cancellation);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(patience);
        try
        {
            while (true)
            {
                ReadResult result = await transport.Input.ReadAsync(limit.Token);
                transport.Input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    return true;
                }
            }
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static int Consume(byte[] bytes, ref bool isHelloRead, Func<byte[], bool> isLookedFor, out bool isFound)
    {
        isFound = false;
        int at = 0;
        if (!isHelloRead)
        {
            // A Hello is shorter than 128 bytes here, so its length is one byte.
            if (bytes.Length == 0 || bytes.Length < 1 + bytes[0])
            {
                return 0;
            }

            at = 1 + bytes[0];
            isHelloRead = true;
        }

        while (bytes.Length - at >= Capsule.HeaderBytes)
        {
            CapsuleType type = Capsule.ReadHeader(bytes.AsSpan(at), out int length);
            if (bytes.Length - at < Capsule.HeaderBytes + length)
            {
                break;
            }

            byte[] value = bytes[(at + Capsule.HeaderBytes)..(at + Capsule.HeaderBytes + length)];
            at += Capsule.HeaderBytes + length;
            isFound |= type switch
            {
                CapsuleType.Packet => isLookedFor(value),
                CapsuleType.OffloadedPacket => isLookedFor(value[10..]),
                _ => false,
            };
        }

        return at;
    }
}

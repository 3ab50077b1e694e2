using System;
using System.Collections.Generic;
using System.IO.Pipelines;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
using EdgeMesh.Libp2p.Connections;
using EdgeMesh.Libp2p.Identify;
using EdgeMesh.Libp2p.Identity;
using EdgeMesh.Libp2p.Ping;
using EdgeMesh.Libp2p.Security;

namespace EdgeMesh.Libp2p;

/// <summary>A libp2p node without a network: pipes come in, connections come out. Answers identify and ping.</summary>
/// <remarks>
/// Belongs to one thread, as its connections do; a process with several workers makes one host for each, with the same
/// identity. Only <see cref="UpgradeAsync"/> may run anywhere. Dialing and listening are the caller's.
/// </remarks>
public sealed class Host
{
    private readonly KeyPair _identity;
    private readonly HostOptions _options;
    private readonly ConnectionOptions _connectionOptions;
    private readonly Dictionary<Connection, HostedConnection> _connections = [];
    private IReadOnlyList<Multiaddr> _listenAddresses;

    /// <summary>A host that serves the options' protocols besides its own.</summary>
    /// <param name="identity">Who we are; stays the caller's.</param>
    /// <param name="options">What we say and serve.</param>
    public Host(KeyPair identity, HostOptions options)
    {
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(options);
        _identity = identity;
        _options = options;
        _listenAddresses = options.ListenAddresses;
        var handlers = new Dictionary<string, Func<MuxedStream, CancellationToken, Task>>(
            options.Connection.Handlers, StringComparer.Ordinal)
        {
            [IdentifyProtocol.Identify] = HandleIdentifyAsync,
            [IdentifyProtocol.Push] = HandlePushAsync,
            [PingClient.Protocol] = HandlePingAsync,
        };
        _connectionOptions = options.Connection with { Handlers = handlers };
    }

    /// <summary>Our peer id.</summary>
    public PeerId PeerId => _identity.PeerId;

    /// <summary>The connections that are alive.</summary>
    public IReadOnlyCollection<Connection> Connections => _connections.Keys;

    /// <summary>Called when a peer said who it is, and each time it pushed a change.</summary>
    public Action<Connection, IdentifyInfo>? Identified { get; set; }

    /// <summary>Negotiates security with a peer and proves both identities.</summary>
    /// <exception cref="UpgradeException">The connection isn't secured, and why.</exception>
    public ValueTask<SecuredConnection> UpgradeAsync(
        IDuplexPipe pipe,
        bool isInitiator,
        PeerId? expectedPeer,
        Func<PeerId, bool> isAllowed,
        CancellationToken cancellationToken) =>
        NoiseUpgrade.UpgradeAsync(pipe, isInitiator, _identity, expectedPeer, isAllowed, cancellationToken);

    /// <summary>Makes a connection of a secured pipe, starts it, and asks the peer who it is.</summary>
    /// <param name="pipe">What was upgraded.</param>
    /// <param name="secured">Its keys; the connection owns them now.</param>
    /// <param name="setup">Addresses, and who takes the inline streams that the peer opens.</param>
    /// <returns>A running connection; <see cref="Connection.RunAsync"/> gives the task that ends with it. No consumer
    /// is called before this returns, whatever the peer has sent already.</returns>
    public Connection Attach(IDuplexPipe pipe, SecuredConnection secured, ConnectionSetup setup)
    {
        var connection = new Connection(pipe, secured, _connectionOptions, setup);
        _connections.Add(connection, new HostedConnection());
        _ = RunAsync(connection);
        _ = AskAsync(connection);
        return connection;
    }

    /// <summary>What a peer says about itself; null before it did, and after its connection ended.</summary>
    public IdentifyInfo? RemoteInfoOf(Connection connection) =>
        _connections.GetValueOrDefault(connection)?.Identify.Remote;

    /// <summary>Changes where we listen and tells all peers.</summary>
    public void SetListenAddresses(IReadOnlyList<Multiaddr> addresses)
    {
        _listenAddresses = addresses;
        foreach (Connection connection in _connections.Keys.ToList())
        {
            if (RemoteInfoOf(connection)?.Protocols?.Contains(IdentifyProtocol.Push, StringComparer.Ordinal) == true)
            {
                _ = PushAsync(connection);
            }
        }
    }

    private async Task RunAsync(Connection connection)
    {
        await connection.RunAsync(CancellationToken.None);
        _connections.Remove(connection);
    }

    private async Task AskAsync(Connection connection)
    {
        try
        {
            IdentifyInfo? info = await IdentifyProtocol.AskAsync(connection, CancellationToken.None);
            if (_connections.GetValueOrDefault(connection)?.Identify.Take(info) == true)
            {
                Tell(connection);
            }
        }
        catch (Exception failure) when (failure is StreamException or OperationCanceledException)
        {
            // A peer need not answer: the Noise handshake has proven who it is.
        }
    }

    private async Task PushAsync(Connection connection)
    {
        try
        {
            await IdentifyProtocol.PushAsync(connection, OurInfo(connection), CancellationToken.None);
        }
        catch (Exception failure) when (failure is StreamException or OperationCanceledException)
        {
            // It asked for pushes, but is gone or busy: the next change tells it.
        }
    }

    private Task HandleIdentifyAsync(MuxedStream stream, CancellationToken cancellationToken) =>
        ServedOn(stream).Identify.AnswerAsync(stream, OurInfo);

    private async Task HandlePushAsync(MuxedStream stream, CancellationToken cancellationToken)
    {
        if (await ServedOn(stream).Identify.TakePushAsync(stream))
        {
            Tell(stream.Connection);
        }
    }

    private Task HandlePingAsync(MuxedStream stream, CancellationToken cancellationToken) =>
        ServedOn(stream).Ping.HandleAsync(stream);

    // A handler may begin after its connection ended: its stream has ended too, so nothing is served.
    private HostedConnection ServedOn(MuxedStream stream) =>
        _connections.GetValueOrDefault(stream.Connection) ?? new HostedConnection();

    private void Tell(Connection connection)
    {
        if (RemoteInfoOf(connection) is IdentifyInfo info)
        {
            Identified?.Invoke(connection, info);
        }
    }

    private IdentifyInfo OurInfo(Connection connection) => new()
    {
        PublicKey = _identity.PublicKeyProtobuf,
        ListenAddresses = ToldAddresses.For(_listenAddresses, connection.LocalAddress),
        Protocols = [.. _connectionOptions.Handlers.Keys, .. connection.InlineProtocols],
        ObservedAddress = connection.RemoteAddress,
        ProtocolVersion = _options.ProtocolVersion,
        AgentVersion = _options.AgentVersion,
    };
}

using System;
using System.Collections.Generic;
using System.IO.Pipelines;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
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
    private readonly List<Connection> _connections = [];
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
            [PingClient.Protocol] = PingResponder.HandleAsync,
        };
        _connectionOptions = options.Connection with { Handlers = handlers };
    }

    /// <summary>Our peer id.</summary>
    public PeerId PeerId => _identity.PeerId;

    /// <summary>The connections that are alive.</summary>
    public IReadOnlyList<Connection> Connections => _connections;

    /// <summary>Called when a peer said who it is, and each time it pushed a change; see
    /// <see cref="Connection.RemoteInfo"/>.</summary>
    public Action<Connection>? Identified { get; set; }

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
    /// <param name="remoteAddress">Where the peer is, which identify tells it.</param>
    /// <returns>A running connection; <see cref="Connection.RunAsync"/> gives the task that ends with it.</returns>
    public Connection Attach(IDuplexPipe pipe, SecuredConnection secured, Multiaddr? remoteAddress = null)
    {
        var connection = new Connection(pipe, secured, _connectionOptions) { RemoteAddress = remoteAddress };
        _connections.Add(connection);
        _ = RunAsync(connection);
        _ = AskAsync(connection);
        return connection;
    }

    /// <summary>Changes where we listen and tells all peers.</summary>
    public void SetListenAddresses(IReadOnlyList<Multiaddr> addresses)
    {
        _listenAddresses = addresses;
        foreach (Connection connection in _connections)
        {
            if (connection.RemoteInfo?.Protocols?.Contains(IdentifyProtocol.Push, StringComparer.Ordinal) == true)
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
            HandleInfo(connection, await IdentifyProtocol.AskAsync(connection, connection.Ended));
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
            await IdentifyProtocol.PushAsync(connection, OurInfo(connection), connection.Ended);
        }
        catch (Exception failure) when (failure is StreamException or OperationCanceledException)
        {
            // It asked for pushes, but is gone or busy: the next change tells it.
        }
    }

    private Task HandleIdentifyAsync(MuxedStream stream, CancellationToken cancellationToken) =>
        IdentifyProtocol.WriteAsync(stream, OurInfo(stream.Connection));

    private async Task HandlePushAsync(MuxedStream stream, CancellationToken cancellationToken)
    {
        using ConnectionTimeout timeout =
            stream.Connection.StartTimeout(IdentifyLimits.Timeout, cancellationToken);
        IdentifyInfo? info = await IdentifyProtocol.ReadAsync(stream, timeout.Token);
        await stream.DisposeAsync();
        HandleInfo(stream.Connection, info);
    }

    private void HandleInfo(Connection connection, IdentifyInfo? info)
    {
        if (info is null)
        {
            return;
        }

        connection.RemoteInfo = connection.RemoteInfo?.With(info) ?? info;
        Identified?.Invoke(connection);
    }

    private IdentifyInfo OurInfo(Connection connection) => new()
    {
        PublicKey = _identity.PublicKeyProtobuf,
        ListenAddresses = _listenAddresses,
        Protocols = [.. _connectionOptions.Handlers.Keys, .. _connectionOptions.InlineHandlers.Keys],
        ObservedAddress = connection.RemoteAddress,
        ProtocolVersion = _options.ProtocolVersion,
        AgentVersion = _options.AgentVersion,
    };
}

using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Sockets;
using EdgeMesh.Addresses;
using EdgeMesh.Io;
using EdgeMesh.Libp2p.Yamux;
using EdgeMesh.Logging;
using EdgeMesh.Packets;

namespace EdgeMesh.Dataplane.Configuration;

/// <summary>What the operator asked for, checked as a whole before anything is touched.</summary>
internal sealed record DataplaneOptions
{
    /// <summary>Most workers: more than the cores of a large node would only wait for each other.</summary>
    public const int WorkersMax = 64;

    /// <summary>Name of the TUN link unless told otherwise: the control process's default.</summary>
    public const string TunNameDefault = "edge_tun0";

    /// <summary>Largest pool of one worker, MiB.</summary>
    public const int PoolMebibytesMax = 1024;

    /// <summary>Smallest window: what the yamux specification gives each stream from the start, KiB.</summary>
    public const int WindowKibibytesMin = YamuxLimits.InitialWindowBytes >> 10;

    /// <summary>Largest window, KiB; what other implementations grow to.</summary>
    public const int WindowKibibytesMax = YamuxLimits.WindowBytesMax >> 10;

    /// <summary>Window unless told otherwise, KiB.</summary>
    public const int WindowKibibytesDefault = YamuxLimits.TunnelWindowBytes >> 10;

    /// <summary>Port at which connections are accepted unless told otherwise: upstream EdgeMesh's.</summary>
    public const int PortDefault = 20006;

    /// <summary>This node's name in the mesh document.</summary>
    public required string Node { get; init; }

    /// <summary>Directory of the identity key and of the last snapshot.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>Path of the control channel's Unix socket.</summary>
    public required string SocketPath { get; init; }

    /// <summary>Underlay endpoints to accept connections at.</summary>
    public required IReadOnlyList<IPEndPoint> Listen { get; init; }

    /// <summary>
    /// Whether the endpoints are all addresses of the node, of which one family may be missing on this machine.
    /// </summary>
    public required bool IsListenDefault { get; init; }

    /// <summary>Name of the TUN link.</summary>
    public required string TunName { get; init; }

    /// <summary>MTU of the TUN link, bytes.</summary>
    public required int MtuBytes { get; init; }

    /// <summary>Workers, each with a thread, an event loop and a TUN queue.</summary>
    public required int Workers { get; init; }

    /// <summary>The event loop's back end.</summary>
    public required IoBackend Io { get; init; }

    /// <summary>Whether the TUN's offloads are used where the kernel has them.</summary>
    public required bool Offload { get; init; }

    /// <summary>Limit of each worker's packet pool, MiB.</summary>
    public required int PoolMebibytes { get; init; }

    /// <summary>Whether the kernel is asked for huge pages for the pools.</summary>
    public required bool HugePages { get; init; }

    /// <summary>What a peer may send ahead on each tunnel stream, KiB; its memory is used only where packets wait.
    /// </summary>
    public required int WindowKibibytes { get; init; }

    /// <summary>Where Prometheus scrapes; null: nowhere.</summary>
    public required IPEndPoint? Metrics { get; init; }

    /// <summary>Lines less important than this are not written.</summary>
    public required LogLevel LogLevel { get; init; }

    /// <summary>Reads a TCP multiaddr of the underlay, such as <c>/ip4/0.0.0.0/tcp/20006</c>.</summary>
    /// <exception cref="ConfigurationException">It is none, or names no address.</exception>
    public static IPEndPoint ParseListen(string text)
    {
        if (Multiaddr.TryParse(text, out Multiaddr? address, out string? reason)
            && address.TryGetTcpEndPoint(out IPEndPoint? endPoint))
        {
            return endPoint;
        }

        throw new ConfigurationException(
            $"--listen {text}: {reason ?? "it names no IP address and TCP port"}; "
            + "write it as /ip4/0.0.0.0/tcp/20006 or /ip6/::/tcp/20006");
    }

    /// <summary>All addresses of the node, of both families.</summary>
    /// <param name="port">TCP port, 1 to 65535.</param>
    /// <exception cref="ConfigurationException">It is no port that others can dial.</exception>
    public static IReadOnlyList<IPEndPoint> ListenOnAll(int port) => port is > 0 and <= IPEndPoint.MaxPort
        ? [new IPEndPoint(IPAddress.Any, port), new IPEndPoint(IPAddress.IPv6Any, port)]
        : throw new ConfigurationException($"--port '{port}': it takes 1 to {IPEndPoint.MaxPort}");

    /// <summary>Reads the address of the metrics endpoint; <c>off</c> gives null.</summary>
    /// <exception cref="ConfigurationException">It is no address with a port.</exception>
    public static IPEndPoint? ParseMetrics(string text)
    {
        if (text == "off")
        {
            return null;
        }

        return IPEndPoint.TryParse(text, out IPEndPoint? endPoint)
            && (endPoint.Port != 0 || text.EndsWith(":0", StringComparison.Ordinal))
            ? endPoint
            : throw new ConfigurationException(
                $"--metrics {text}: not an address with a port; write 127.0.0.1:9464, [::1]:9464 or off");
    }

    /// <summary>Checks what the command line's own types cannot.</summary>
    /// <exception cref="ConfigurationException">Names the first option that is wrong and what it takes.</exception>
    public DataplaneOptions Validated()
    {
        Require(Node.Length is > 0 and <= 253, "--node", Node,
            "a name of 1 to 253 characters, as in the mesh document");
        Require(
            MtuBytes is >= Limits.MtuBytesMin and <= Limits.MtuBytesMax,
            "--mtu", MtuBytes, $"{Limits.MtuBytesMin} to {Limits.MtuBytesMax} bytes");
        Require(Workers is >= 1 and <= WorkersMax, "--workers", Workers, $"1 to {WorkersMax}");
        Require(PoolMebibytes is >= 1 and <= PoolMebibytesMax, "--pool-mib", PoolMebibytes,
            $"1 to {PoolMebibytesMax} MiB");
        Require(WindowKibibytes is >= WindowKibibytesMin and <= WindowKibibytesMax, "--window-kib", WindowKibibytes,
            $"{WindowKibibytesMin} to {WindowKibibytesMax} KiB");
        Require(Path.IsPathRooted(SocketPath), "--socket", SocketPath, "an absolute path");
        Require(StateDirectory.Length > 0, "--state", StateDirectory, "a directory");
        foreach (IPEndPoint endPoint in Listen)
        {
            Require(
                endPoint.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6,
                "--listen", endPoint, "IPv4 or IPv6");
        }

        return this;
    }

    private static void Require<T>(bool holds, string option, T value, string takes)
    {
        if (!holds)
        {
            throw new ConfigurationException($"{option} '{value}': it takes {takes}");
        }
    }
}

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
using EdgeMesh.Io;
using EdgeMesh.Io.Loops;
using EdgeMesh.Io.Sockets;
using Xunit;

namespace EdgeMesh.SystemTests.Io;

/// <summary>Names and addresses of TCP; the resolver is the test's.</summary>
public sealed class TcpTransportTests
{
    private const string Peer = "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA";

    private static readonly IPAddress[] Found =
        [IPAddress.Parse("192.0.2.1"), IPAddress.Parse("2001:db8::1"), IPAddress.Parse("::ffff:192.0.2.2")];

    [Theory]
    [InlineData("/ip4/192.0.2.1/tcp/4001", true)]
    [InlineData("/ip6/2001:db8::1/tcp/4001/p2p/" + Peer, true)]
    [InlineData("/dns/node.example/tcp/4001", true)]
    [InlineData("/dns4/node.example/tcp/4001", true)]
    [InlineData("/ip4/192.0.2.1/tcp/4001/ws", false)]
    [InlineData("/ip4/192.0.2.1/udp/4001/quic-v1", false)]
    [InlineData("/ip4/192.0.2.1/tcp/4001/p2p/" + Peer + "/p2p-circuit", false)]
    public void Only_plain_tcp_is_handled(string address, bool isHandled)
    {
        using EventLoop loop = EventLoops.Open(IoBackend.Epoll);
        Assert.Equal(isHandled, new TcpTransport(loop).Handles(Multiaddr.Parse(address)));
    }

    [Theory]
    [InlineData("/dns/node.example/tcp/1", "/ip4/192.0.2.1/tcp/1 /ip6/2001:db8::1/tcp/1 /ip4/192.0.2.2/tcp/1")]
    [InlineData("/dns4/node.example/tcp/1", "/ip4/192.0.2.1/tcp/1")]
    [InlineData("/dns6/node.example/tcp/1/p2p/" + Peer,
        "/ip6/2001:db8::1/tcp/1/p2p/" + Peer + " /ip4/192.0.2.2/tcp/1/p2p/" + Peer)]
    [InlineData("/ip4/192.0.2.9/tcp/1", "/ip4/192.0.2.9/tcp/1")]
    public void Name_becomes_its_addresses_of_the_family_asked_for(string address, string expected)
    {
        IReadOnlyList<Multiaddr> resolved = Resolve(address, (_, _) => Task.FromResult(Found));
        Assert.Equal(expected.Split(' '), resolved.Select(one => one.ToString()));
    }

    [Fact]
    public void Name_with_too_many_addresses_is_cut()
    {
        IPAddress[] many = [.. Enumerable.Range(0, 100).Select(i => new IPAddress([192, 0, 2, (byte)i]))];
        IReadOnlyList<Multiaddr> resolved = Resolve("/dns/node.example/tcp/1", (_, _) => Task.FromResult(many));
        Assert.Equal(TcpLimits.ResolvedMax, resolved.Count);
        Assert.Equal("/ip4/192.0.2.0/tcp/1", resolved[0].ToString());
    }

    [Fact]
    public void Name_without_an_address_says_which_and_what_to_do()
    {
        IOException missing = Assert.Throws<IOException>(() => Resolve(
            "/dns/node.example/tcp/1",
            (_, _) => Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound))));
        Assert.Contains("node.example has no address", missing.Message, StringComparison.Ordinal);
        Assert.Contains("name the address", missing.Message, StringComparison.Ordinal);

        IOException family = Assert.Throws<IOException>(() => Resolve(
            "/dns6/node.example/tcp/1", (_, _) => Task.FromResult(Found[..1])));
        Assert.Contains("node.example has no address of the family", family.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resolver_that_does_not_listen_is_left_when_the_caller_gives_up()
    {
        using EventLoop loop = EventLoops.Open(IoBackend.Epoll);
        using CancellationTokenSource end = new();
        TaskCompletionSource<IPAddress[]> never = new();
        TcpTransport transport = new(loop, (_, _) => never.Task);
        Assert.ThrowsAny<OperationCanceledException>(() => loop.Complete(async () =>
        {
            ValueTask<IReadOnlyList<Multiaddr>> resolving = transport.ResolveAsync(
                Multiaddr.Parse("/dns/node.example/tcp/1"), end.Token);
            ThreadPool.QueueUserWorkItem(_ => end.Cancel());
            await resolving;
        }));
    }

    [Fact]
    public void What_no_name_leads_to_is_refused()
    {
        using EventLoop loop = EventLoops.Open(IoBackend.Epoll);
        TcpTransport transport = new(loop);
        Assert.Throws<ArgumentException>(() => transport.Listen(Multiaddr.Parse("/dns/node.example/tcp/1")));
        Assert.Throws<ArgumentException>(() => transport.Listen(Multiaddr.Parse("/ip4/127.0.0.1/udp/1")));
    }

    private static IReadOnlyList<Multiaddr> Resolve(
        string address, Func<string, CancellationToken, Task<IPAddress[]>> resolveAsync)
    {
        using EventLoop loop = EventLoops.Open(IoBackend.Epoll);
        TcpTransport transport = new(loop, resolveAsync);
        return loop.Complete(
            async () => await transport.ResolveAsync(Multiaddr.Parse(address), CancellationToken.None));
    }
}

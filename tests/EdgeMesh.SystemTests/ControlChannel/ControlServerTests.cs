using System;
using System.Collections.Generic;
using System.IO;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.UnitTests.ControlChannel;
using Xunit;

namespace EdgeMesh.SystemTests.ControlChannel;

public sealed class ControlServerTests : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private readonly TemporaryDirectory _directory = new();

    private string SocketPath => _directory.File("control.sock");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_request_gets_its_own_response()
    {
        await using ControlServer server = Start((request, caller, _) =>
            new(new Response { Ping = new PingReply { Node = $"{request.Ping.Target}/{caller.ProcessId}" } }));
        await using ControlClient client = await Connect();
        var asked = new List<Task<Response>>();
        for (int i = 0; i < 20; i++)
        {
            asked.Add(client.SendAsync(new Request { Ping = new PingRequest { Target = $"n{i}" } },
                CancellationToken.None));
        }

        for (int i = 0; i < asked.Count; i++)
        {
            Assert.Equal($"n{i}/{Environment.ProcessId}", (await asked[i]).Ping.Node);
        }

        Assert.Equal(Environment.ProcessId, client.ServerProcessId);
        Assert.Equal(20, server.Requests);
    }

    [Fact]
    public async Task The_socket_is_for_its_owner_only_and_goes_with_the_server()
    {
        ControlServer server = Start(Answer);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(SocketPath));
        await server.DisposeAsync();
        Assert.False(File.Exists(SocketPath));
    }

    [Fact]
    public async Task An_unknown_request_is_unsupported_and_the_connection_goes_on()
    {
        await using ControlServer server = Start(Answer);
        await using ControlClient client = await Connect();
        Response response = await client.SendAsync(new Request(), CancellationToken.None);
        Assert.Equal(ErrorCode.Unsupported, response.Error.Code);
        Assert.NotNull((await client.SendAsync(StatusRequest(), CancellationToken.None)).Status);
    }

    [Fact]
    public async Task A_refusal_is_an_error_and_the_connection_goes_on()
    {
        await using ControlServer server = Start((request, _, _) => request.BodyCase == Request.BodyOneofCase.Ping
            ? throw new RequestRefusedException(ErrorCode.NotFound, "no such node")
            : Answer(request, null!, default));
        await using ControlClient client = await Connect();
        Response response = await client.SendAsync(new Request { Ping = new PingRequest() }, CancellationToken.None);
        Assert.Equal((ErrorCode.NotFound, "no such node"), (response.Error.Code, response.Error.Message));
        Assert.NotNull((await client.SendAsync(StatusRequest(), CancellationToken.None)).Status);
    }

    [Fact]
    public async Task A_failing_handler_ends_its_connection_and_no_other()
    {
        await using ControlServer server = Start((request, _, _) => request.BodyCase == Request.BodyOneofCase.Ping
            ? throw new InvalidOperationException("a bug")
            : Answer(request, null!, default));
        await using ControlClient other = await Connect();
        await using ControlClient client = await Connect();
        var e = await Assert.ThrowsAsync<ControlChannelException>(
            () => client.SendAsync(new Request { Ping = new PingRequest() }, CancellationToken.None));
        Assert.Equal(ControlFault.Closed, e.Fault);
        Assert.NotNull((await other.SendAsync(StatusRequest(), CancellationToken.None)).Status);
    }

    [Fact]
    public async Task A_connection_that_has_applied_makes_control_connected_until_it_ends()
    {
        await using ControlServer server = Start(Answer);
        await using ControlClient watcher = await Connect();
        await watcher.SendAsync(StatusRequest(), CancellationToken.None);
        Assert.False(server.IsControlConnected);
        ControlClient control = await Connect();
        await control.SendAsync(new Request { ApplySnapshot = new MeshDocument() }, CancellationToken.None);
        Assert.True(server.IsControlConnected);
        await control.DisposeAsync();
        await UntilAsync(() => !server.IsControlConnected);
    }

    [Theory]
    [InlineData(new byte[] { 0xff, 0xff, 0xff, 0xff, 0xff })]
    [InlineData(new byte[] { 0x03, 0xff, 0xff, 0xff })]
    [InlineData(new byte[] { 0x47, 0x45, 0x54, 0x20, 0x2f })] // a browser that got lost, and leaves
    public async Task Garbage_ends_its_connection_and_no_other(byte[] garbage)
    {
        await using ControlServer server = Start(Answer);
        await using ControlClient other = await Connect();
        using (Socket socket = UnixSockets.Create())
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath));
            await socket.SendAsync(garbage);
            socket.Shutdown(SocketShutdown.Send);
            Assert.Equal(0, await socket.ReceiveAsync(new byte[1]));
        }

        await UntilAsync(() => server.Malformed == 1);
        Assert.NotNull((await other.SendAsync(StatusRequest(), CancellationToken.None)).Status);
    }

    [Fact]
    public async Task Connections_over_the_limit_are_closed_and_counted()
    {
        await using ControlServer server = Start(Answer);
        var clients = new List<ControlClient>();
        for (int i = 0; i < ControlLimits.ConnectionsMax; i++)
        {
            clients.Add(await Connect());
        }

        await UntilAsync(() => server.Connections == ControlLimits.ConnectionsMax);
        ControlClient tooMany = await Connect();
        await tooMany.Closed.WaitAsync(Soon);
        Assert.Equal(1, server.ConnectionsRefused);
        await clients[0].DisposeAsync();
        await UntilAsync(() => server.Connections == ControlLimits.ConnectionsMax - 1);
        await using ControlClient next = await Connect();
        Assert.NotNull((await next.SendAsync(StatusRequest(), CancellationToken.None)).Status);
        clients.ForEach(client => client.DisposeAsync().AsTask().Wait());
    }

    [Fact]
    public async Task A_live_socket_is_not_replaced()
    {
        await using ControlServer server = Start(Answer);
        var e = Assert.Throws<ControlChannelException>(() => Start(Answer));
        Assert.Equal(ControlFault.PathTaken, e.Fault);
        Assert.Contains($"process {Environment.ProcessId} serves", e.Message);
        await using ControlClient client = await Connect();
        Assert.NotNull((await client.SendAsync(StatusRequest(), CancellationToken.None)).Status);
    }

    [Fact]
    public async Task A_stale_socket_is_replaced()
    {
        using (Socket dead = UnixSockets.Create())
        {
            dead.Bind(new UnixDomainSocketEndPoint(SocketPath));
            File.Move(SocketPath, SocketPath + ".kept"); // so that disposing does not remove it
        }

        File.Move(SocketPath + ".kept", SocketPath);
        Assert.True(File.Exists(SocketPath));
        await using ControlServer server = Start(Answer);
        await using ControlClient client = await Connect();
        Assert.NotNull((await client.SendAsync(StatusRequest(), CancellationToken.None)).Status);
    }

    [Fact]
    public void What_is_no_socket_is_left_alone()
    {
        File.WriteAllText(SocketPath, "precious");
        var e = Assert.Throws<ControlChannelException>(() => Start(Answer));
        Assert.Contains("is no socket", e.Message);
        Assert.Equal("precious", File.ReadAllText(SocketPath));
    }

    [Fact]
    public void Paths_that_can_t_be_are_explained()
    {
        var tooLong = Assert.Throws<ControlChannelException>(
            () => ControlServer.Start("/tmp/" + new string('x', 200), Answer, _ => { }));
        Assert.Contains("shorter --socket", tooLong.Message);
        var noDirectory = Assert.Throws<ControlChannelException>(
            () => ControlServer.Start(_directory.File("none/control.sock"), Answer, _ => { }));
        Assert.Contains("does not exist", noDirectory.Message);
    }

    [Fact]
    public async Task Nobody_to_talk_to_is_explained()
    {
        var absent = await Assert.ThrowsAsync<ControlChannelException>(Connect);
        Assert.Equal(ControlFault.NotRunning, absent.Fault);
        Assert.Contains("there is no socket", absent.Message);
        File.WriteAllText(SocketPath, "");
        var dead = await Assert.ThrowsAsync<ControlChannelException>(Connect);
        Assert.Contains("nobody listens", dead.Message);
    }

    [Fact]
    public async Task A_client_learns_that_the_server_has_ended()
    {
        ControlServer server = Start(Answer);
        await using ControlClient client = await Connect();
        await client.SendAsync(StatusRequest(), CancellationToken.None);
        await server.DisposeAsync();
        Assert.Equal(ControlFault.Closed, (await client.Closed.WaitAsync(Soon)).Fault);
        await Assert.ThrowsAsync<ControlChannelException>(() =>
            client.SendAsync(StatusRequest(), CancellationToken.None));
    }

    [Fact]
    public async Task Waiting_can_be_given_up_and_the_connection_used_on()
    {
        var release = new TaskCompletionSource();
        await using ControlServer server = Start(async (request, caller, cancel) =>
        {
            if (request.BodyCase == Request.BodyOneofCase.Ping)
            {
                await release.Task;
            }

            return await Answer(request, caller, cancel);
        });
        await using ControlClient client = await Connect();
        using var giveUp = new CancellationTokenSource();
        Task<Response> ping = client.SendAsync(new Request { Ping = new PingRequest() }, giveUp.Token);
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ping);
        release.SetResult();
        Assert.NotNull((await client.SendAsync(StatusRequest(), CancellationToken.None)).Status);
    }

    private static Request StatusRequest() => new() { Status = new StatusRequest() };

    private static ValueTask<Response> Answer(Request request, ControlCaller caller, CancellationToken cancel) =>
        new(new Response { Status = new Status { Node = "n" } });

    private static async Task UntilAsync(Func<bool> isSo)
    {
        for (int i = 0; i < 1000 && !isSo(); i++)
        {
            await Task.Delay(10);
        }

        Assert.True(isSo());
    }

    private ControlServer Start(Func<Request, ControlCaller, CancellationToken, ValueTask<Response>> handler) =>
        ControlServer.Start(SocketPath, handler, _ => { });

    private Task<ControlClient> Connect() => ControlClient.ConnectAsync(SocketPath, Soon, CancellationToken.None);
}

using System;
using System.Net;
using EdgeMesh.Dataplane.Configuration;
using Xunit;

namespace EdgeMesh.UnitTests.Dataplane.Configuration;

public sealed class DataplaneOptionsTests
{
    [Theory]
    [InlineData("/ip4/0.0.0.0/tcp/20006", "0.0.0.0:20006")]
    [InlineData("/ip6/::/tcp/1", "[::]:1")]
    public void Listen_takes_addresses_with_a_tcp_port(string text, string endPoint) =>
        Assert.Equal(IPEndPoint.Parse(endPoint), DataplaneOptions.ParseListen(text));

    [Theory]
    [InlineData("")]
    [InlineData("0.0.0.0:20006")]
    [InlineData("/ip4/0.0.0.0")]
    [InlineData("/ip4/0.0.0.0/udp/20006")]
    [InlineData("/ip4/0.0.0.0/tcp/70000")]
    [InlineData("/dns4/relay.example/tcp/443")]
    public void Listen_names_what_it_can_not_take_and_what_it_can(string text)
    {
        string message = Assert.Throws<ConfigurationException>(() => DataplaneOptions.ParseListen(text)).Message;
        Assert.Contains($"--listen {text}", message, StringComparison.Ordinal);
        Assert.Contains("/ip4/0.0.0.0/tcp/20006", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_stands_for_all_addresses_of_both_families() => Assert.Equal(
        [new IPEndPoint(IPAddress.Any, 30006), new IPEndPoint(IPAddress.IPv6Any, 30006)],
        DataplaneOptions.ListenOnAll(30006));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(65536)]
    public void A_port_that_nobody_can_dial_is_named(int port) => Assert.Contains(
        $"--port '{port}'",
        Assert.Throws<ConfigurationException>(() => DataplaneOptions.ListenOnAll(port)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Metrics_can_be_off() => Assert.Null(DataplaneOptions.ParseMetrics("off"));

    [Theory]
    [InlineData("127.0.0.1:9464")]
    [InlineData("[::1]:9464")]
    [InlineData("127.0.0.1:0")]
    public void Metrics_takes_an_address_with_a_port(string text) =>
        Assert.Equal(IPEndPoint.Parse(text), DataplaneOptions.ParseMetrics(text));

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("9464")]
    [InlineData("localhost:9464")]
    [InlineData("127.0.0.1:99999")]
    public void Metrics_names_what_it_can_not_take(string text) => Assert.Contains(
        $"--metrics {text}",
        Assert.Throws<ConfigurationException>(() => DataplaneOptions.ParseMetrics(text)).Message,
        StringComparison.Ordinal);
}

using System;
using EdgeMesh.Libp2p.Multistreams;
using Xunit;

namespace EdgeMesh.ConformanceTests.Vectors;

/// <summary>multistream-select 1.0, and what go-libp2p v0.28.2 and js-libp2p 3.3 were seen to send first.</summary>
public sealed class MultistreamVectorTests
{
    private const string Header = "132f6d756c746973747265616d2f312e302e300a";
    private const string SimultaneousConnect = "1d2f6c69627032702f73696d756c74616e656f75732d636f6e6e6563740a";
    private const string Noise = "072f6e6f6973650a";
    private const string NotAvailable = "036e610a";

    [Theory]
    [InlineData("/noise", Noise)]
    [InlineData("/tls/1.0.0", "0b2f746c732f312e302e300a")]
    [InlineData("/yamux/1.0.0", "0d2f79616d75782f312e302e300a")]
    [InlineData("/ipfs/id/1.0.0", "0f2f697066732f69642f312e302e300a")]
    [InlineData("/libp2p/tunnel-cni/1.0.0", "192f6c69627032702f74756e6e656c2d636e692f312e302e300a")]
    public void Header_and_proposal_leave_together_and_are_agreed(string protocol, string message)
    {
        var initiator = MultistreamNegotiator.Initiator([protocol]);
        Assert.Equal(Header + message, Output(initiator));

        var responder = MultistreamNegotiator.Responder(id => id == protocol);
        byte[] flight = Convert.FromHexString(Header + message);
        Assert.Equal(flight.Length, responder.HandleBytes(flight));
        Assert.Equal(MultistreamState.Agreed, responder.State);
        Assert.Equal(Header + message, Output(responder));

        Assert.Equal(flight.Length, initiator.HandleBytes(flight));
        Assert.Equal(MultistreamState.Agreed, initiator.State);
        Assert.Equal(protocol, initiator.Protocol);
    }

    [Fact]
    public void First_flight_of_go_gets_na_for_simultaneous_connect_and_then_noise()
    {
        var responder = MultistreamNegotiator.Responder(static id => id == "/noise");
        byte[] flight = Convert.FromHexString(Header + SimultaneousConnect + Noise);

        Assert.Equal(flight.Length, responder.HandleBytes(flight));
        Assert.Equal(Header + NotAvailable + Noise, Output(responder));
        Assert.Equal("/noise", responder.Protocol);
    }

    [Fact]
    public void Ls_is_an_unknown_protocol()
    {
        var responder = MultistreamNegotiator.Responder(static id => id == "/noise");

        responder.HandleBytes(Convert.FromHexString(Header + "036c730a"));
        Assert.Equal(Header + NotAvailable, Output(responder));
        Assert.Equal(MultistreamState.Negotiating, responder.State);
    }

    [Fact]
    public void Data_behind_a_lazy_proposal_is_left_alone()
    {
        var responder = MultistreamNegotiator.Responder(static id => id == "/noise");
        byte[] flight = Convert.FromHexString(Header + Noise + "0020ce8d");

        Assert.Equal(flight.Length - 4, responder.HandleBytes(flight));
        Assert.Equal(0, responder.HandleBytes(flight.AsSpan(flight.Length - 4)));
    }

    private static string Output(MultistreamNegotiator negotiator)
    {
        byte[] bytes = new byte[negotiator.OutputBytes];
        Assert.True(negotiator.TryPollTransmit(bytes, out int length));
        Assert.Equal(bytes.Length, length);
        return Convert.ToHexStringLower(bytes);
    }
}

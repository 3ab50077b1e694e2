using EdgeMesh.Perf.Measuring.Protocol;

namespace EdgeMesh.Perf.Measuring.Asking;

/// <summary>What both ends counted of one bulk measurement.</summary>
/// <param name="Client">The client's side.</param>
/// <param name="Server">The server's side.</param>
/// <param name="Session">What else is known of it.</param>
internal sealed record BulkOutcome(SideOutcome Client, SideOutcome Server, SessionFacts Session)
{
    /// <summary>What went up: sent here, received there.</summary>
    public (SentOutcome? Sent, ReceivedOutcome? Received) Up => (Client.Sent, Server.Received);

    /// <summary>What came down: sent there, received here.</summary>
    public (SentOutcome? Sent, ReceivedOutcome? Received) Down => (Server.Sent, Client.Received);
}

namespace EdgeMesh.Traffic;

/// <summary>How an exchange of datagrams went.</summary>
/// <param name="Sent">Datagrams sent.</param>
/// <param name="Received">Echoes that came back whole.</param>
/// <param name="Corrupt">Echoes with other bytes than were sent.</param>
public sealed record UdpResult(int Sent, int Received, int Corrupt);

namespace EdgeMesh.Perf.Measuring.Protocol;

/// <summary>What a session measures.</summary>
public enum TestKind
{
    /// <summary>As many bytes as TCP carries.</summary>
    TcpBulk,

    /// <summary>Datagrams, paced or as many as the sender can.</summary>
    UdpBulk,

    /// <summary>Request and response on standing TCP connections.</summary>
    TcpRoundTrip,

    /// <summary>Request and response by UDP.</summary>
    UdpRoundTrip,

    /// <summary>Connect, request, response, close.</summary>
    TcpConnect,
}

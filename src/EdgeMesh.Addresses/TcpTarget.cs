using System.Net;

namespace EdgeMesh.Addresses;

/// <summary>Where a plain TCP address leads: an IP address or a name, and a port.</summary>
/// <param name="Host">The address or name as written.</param>
/// <param name="Address">The address; null if the host is a name that has to be resolved.</param>
/// <param name="Family">Which addresses of a name are meant.</param>
/// <param name="Port">The port, 0 to 65535.</param>
/// <param name="Zone">The interface of a link-local address, by name or number; null if none is given.</param>
public sealed record TcpTarget(string Host, IPAddress? Address, NameFamily Family, int Port, string? Zone);

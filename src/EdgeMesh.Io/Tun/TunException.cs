using System;

namespace EdgeMesh.Io.Tun;

/// <summary>A TUN device can't be had; the message names cause and remedy.</summary>
public sealed class TunException(string message) : Exception(message);

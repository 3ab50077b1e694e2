using System;

namespace EdgeMesh.Io;

/// <summary>io_uring was asked for and can't be had; the message names cause and remedy.</summary>
public sealed class RingUnavailableException(string message, Exception inner) : Exception(message, inner);

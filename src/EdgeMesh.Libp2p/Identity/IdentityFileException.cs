using System;

namespace EdgeMesh.Libp2p.Identity;

/// <summary>The node's key could not be read or made; the message names cause and remedy.</summary>
public sealed class IdentityFileException : Exception
{
    /// <summary>Names cause and remedy.</summary>
    public IdentityFileException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

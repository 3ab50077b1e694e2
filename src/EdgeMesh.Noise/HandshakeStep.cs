namespace EdgeMesh.Noise;

/// <summary>What a handshake waits for.</summary>
public enum HandshakeStep
{
    /// <summary>Our next message: <see cref="HandshakeState.WriteMessage"/>.</summary>
    Write,

    /// <summary>The peer's next message: <see cref="HandshakeState.ReadMessage"/>.</summary>
    Read,

    /// <summary>All three messages are through: <see cref="HandshakeState.Split"/>.</summary>
    Split,

    /// <summary>Split or failed; nothing more can be done with it.</summary>
    Over,
}

using System;

namespace EdgeMesh.Traffic;

/// <summary>Bytes that no compression on the path can make fewer.</summary>
public static class Payload
{
    /// <summary>Random bytes, the same for the same seed.</summary>
    public static byte[] Random(int bytes, int seed)
    {
        byte[] payload = new byte[bytes];
        new Random(seed).NextBytes(payload);
        return payload;
    }
}

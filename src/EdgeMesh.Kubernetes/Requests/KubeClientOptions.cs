using System;

namespace EdgeMesh.Kubernetes.Requests;

/// <summary>Limits of a client.</summary>
public sealed record KubeClientOptions
{
    /// <summary>Longest wait for an answer to begin, and for each next piece of its body.</summary>
    public TimeSpan RequestTimeLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Longest wait for the whole of an answer that keeps coming: a shard of 900 KiB takes a minute at 160 kbit/s. A
    /// watch has its own.
    /// </summary>
    public TimeSpan AnswerTimeLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest body of an answer, bytes, after decompression.</summary>
    public int ResponseBytesMax { get; init; } = 64 * 1024 * 1024;

    /// <summary>
    /// Longest line of a watch, bytes: an object has at most 1.5 MiB in etcd, and base64 and escapes grow it.
    /// </summary>
    public int WatchLineBytesMax { get; init; } = 4 * 1024 * 1024;

    /// <summary>What follows the product's name in User-Agent; null: this assembly's version.</summary>
    public string? Version { get; init; }

    /// <summary>The clock; null: the system's.</summary>
    public TimeProvider? Time { get; init; }
}

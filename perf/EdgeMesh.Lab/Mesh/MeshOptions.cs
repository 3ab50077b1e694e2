using System.Collections.Generic;

namespace EdgeMesh.Lab.Mesh;

/// <summary>How the product's processes are started.</summary>
public sealed record MeshOptions
{
    /// <summary><c>--io</c>: auto, io_uring or epoll.</summary>
    public string Io { get; init; } = "auto";

    /// <summary><c>--offload</c>: auto or off.</summary>
    public string Offload { get; init; } = "auto";

    /// <summary><c>--workers</c>.</summary>
    public int Workers { get; init; } = 1;

    /// <summary><c>--mtu</c> of the TUN, bytes; the program's default if null.</summary>
    public int? MtuBytes { get; init; }

    /// <summary><c>--log-level</c>.</summary>
    public string LogLevel { get; init; } = "info";

    /// <summary>Further words for the dataplane's command line.</summary>
    public IReadOnlyList<string> MoreWords { get; init; } = [];

    /// <summary>
    /// The directory of the programs: another build's; <see cref="Repository.BinDirectory"/> if null.
    /// </summary>
    public string? ProgramDirectory { get; init; }
}

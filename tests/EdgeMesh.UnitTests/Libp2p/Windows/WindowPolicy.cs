using System;

namespace EdgeMesh.UnitTests.Libp2p.Windows;

/// <summary>When a peer grants credit again, and how much at once: what yamux leaves open.</summary>
/// <param name="Name">Who does so.</param>
/// <param name="Grant">Window and credit left, after a read, to the credit to grant now; 0: none yet.</param>
/// <param name="Step">Credit of one window update; 0: all in one.</param>
/// <param name="Grows">Whether the window doubles each time, to 16 MiB.</param>
internal sealed record WindowPolicy(
    string Name, Func<long, long, long> Grant, long Step = 0, bool Grows = false)
{
    public static WindowPolicy[] All { get; } =
    [
        // hashicorp/yamux, rust-yamux (on read): when half of it is used.
        new("half", (window, credit) => window - credit >= window / 2 ? window - credit : 0),

        // go-yamux: the same, and a window that is used up fast doubles.
        new("half and growing", (window, credit) => window - credit >= window / 2 ? window - credit : 0, Grows: true),

        // js-libp2p: after each read.
        new("each read", (window, credit) => window - credit),
        new("each read and growing", (window, credit) => window - credit, Grows: true),

        // rust-yamux before 0.10 (on receive), and the worst that is allowed: when nothing is left.
        new("all used", (window, credit) => credit == 0 ? window : 0),

        // Nobody, but nothing forbids it.
        new("single bytes", (window, credit) => window - credit, Step: 1),
    ];

    public override string ToString() => Name;
}
